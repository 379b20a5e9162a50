import { Command } from 'commander';
import type { Io } from '../io.js';

export function build(_io: Io, _exit: (code: number) => void): Command {
  return new Command('demo');
}
