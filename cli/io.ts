import type { Command } from 'commander';

/** Where a command reads and writes: results on `out`, progress and logs on `err`. */
export interface Io {
  out: NodeJS.WritableStream & { isTTY?: boolean };
  err: NodeJS.WritableStream & { isTTY?: boolean };
  env: NodeJS.ProcessEnv;
}

/** Exit codes that scripts may rely on. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** One file in `commands/` exports one of these as `command`. */
export interface CommandModule {
  /** Builds the commander command; its action returns nothing and throws, or calls `exit` for code 1. */
  build(io: Io, exit: (code: number) => void): Command;
}

/** A mistake of the caller: printed in one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
