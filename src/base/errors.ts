/** Exit codes, after sysexits(3); 0 and 1 as usual, 130 and 143 for signals. */
export const Exit = {
  ok: 0,
  failed: 1,
  warnings: 2,
  usage: 64,
  data: 65,
  noInput: 66,
  unavailable: 69,
  internal: 70,
  io: 74,
  again: 75,
  permission: 77,
  config: 78,
} as const;
export type Exit = (typeof Exit)[keyof typeof Exit];

/**
 * Something the operator can mend: shown as its message alone, never with a stack.
 * `code` is stable and greppable; the message says what happened and what to do.
 */
export class OperatorError extends Error {
  readonly code: string;
  readonly exit: Exit;
  constructor(code: string, exit: Exit, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OperatorError';
    this.code = code;
    this.exit = exit;
  }
}
