/** What a stage needs of a logger; pino's shape. */
export interface Log {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** For tests and for those who listen to nothing. */
export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
