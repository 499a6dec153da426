import { loadConfig } from '../base/config.js';
import { Exit, OperatorError } from '../base/errors.js';
import type { ModelView } from '../central/api/types.js';
import { CentralConfig } from '../central/config.js';
import type { Command } from './command.js';

export const train: Command = {
  options: (y) =>
    y
      .option('c', {
        alias: 'config',
        type: 'string',
        requiresArg: true,
        describe: "The central's configuration, to learn where its console is",
      })
      .option('url', {
        type: 'string',
        requiresArg: true,
        describe: 'Where its console is (default http://127.0.0.1:8080)',
      })
      .option('timeout', { type: 'number', default: 600, describe: 'Seconds to wait' }),
  async run(args) {
    const base = String(
      args.url ??
        (args.c === undefined
          ? 'http://127.0.0.1:8080'
          : `http://${loadConfig(String(args.c), CentralConfig).console.listen}`),
    );
    const call = async <T>(method: string, path: string): Promise<T> => {
      let response: Response;
      try {
        response = await fetch(new URL(path, base), { method });
      } catch (error) {
        const why = ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message;
        throw new OperatorError(
          'CENTRAL_UNREACHABLE',
          Exit.unavailable,
          `No central answers at ${base} (${why}). Start it with tapspot central, or name it with --url.`,
        );
      }
      const body = (await response.json()) as T & { error?: { message: string } };
      if (!response.ok)
        throw new OperatorError(
          'CENTRAL_REFUSED',
          Exit.failed,
          `The central refused: ${body.error?.message ?? response.status}`,
        );
      return body;
    };
    const before = await call<ModelView>('GET', '/api/model');
    await call('POST', '/api/train');
    const deadline = Date.now() + Number(args.timeout) * 1000;
    for (;;) {
      const now = await call<ModelView>('GET', '/api/model');
      if (!now.training) {
        if (now.lastError !== null)
          throw new OperatorError('TRAINING_FAILED', Exit.failed, `Training failed: ${now.lastError}`);
        if (now.generation !== null && now.generation > (before.generation ?? 0)) {
          process.stdout.write(
            `generation ${now.generation}: ${now.trainedOn?.documents ?? 0} documents, ${now.trainedOn?.tokens ?? 0} words, ${now.trainedOn?.sensors.length ?? 0} sensors\n`,
          );
          return Exit.ok;
        }
      }
      if (Date.now() > deadline)
        throw new OperatorError(
          'TRAINING_SLOW',
          Exit.again,
          'The central is still training; look again with tapspot train or on its Model page.',
        );
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  },
};
