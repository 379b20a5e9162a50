import { Command } from 'commander';
import type { Io } from '../io.js';
import { runUp } from './up.js';

/** `axiswatch demo`: the same as `axiswatch up --demo`. */
export function build(io: Io): Command {
  return new Command('demo')
    .description('Run everything over the sample world: two years of it pass in two minutes. Ask with `trends --demo`.')
    .action(() => runUp(io, true));
}
