import { z } from 'zod';
import { Exit } from '../base/errors.js';
import { CentralConfig } from '../central/config.js';
import { SensorConfig } from '../sensor/config.js';
import type { Command } from './command.js';

interface Schema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
}

const defaultText = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Every key of a configuration, as commented YAML, from the schema itself. */
export function referenceText(schema: z.ZodType): string {
  const lines: string[] = [];
  const walk = (node: Schema, pad: string) => {
    for (const [key, value] of Object.entries(node.properties ?? {})) {
      const required = node.required?.includes(key) === true && value.default === undefined;
      const choices = value.enum ? ` (${value.enum.join(', ')})` : '';
      lines.push(`${pad}# ${value.description ?? key}${choices}${required ? '; required' : ''}`);
      // What is neither required nor has a default is shown, but switched off.
      const off = !required && value.default === undefined ? '# ' : '';
      if (value.properties) {
        lines.push(`${pad}${off}${key}:`);
        walk(value, `${pad}${off}  `);
      } else lines.push(`${pad}${off}${key}: ${required ? '…' : defaultText(value.default)}`.trimEnd());
    }
  };
  walk(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema, '');
  return `${lines.join('\n')}\n`;
}

export const reference: Command = {
  options: (y) => y.positional('role', { choices: ['sensor', 'central'] as const, demandOption: true }),
  async run(args) {
    process.stdout.write(referenceText(args.role === 'sensor' ? SensorConfig : CentralConfig));
    return Exit.ok;
  },
};
