import { existsSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { demoVars } from '../config/env.js';
import { Failure } from '../core/errors.js';
import { type CommandModule, EXIT, type Io, UsageError } from './io.js';

/**
 * Every command with its one-line summary and its module, loaded only when it is the one that runs: `trends` must not pay for
 * loading Temporal.
 */
const COMMANDS: Record<string, { summary: string; load: () => Promise<CommandModule> }> = {
  up: { summary: 'run everything on one machine', load: () => import('./commands/up.js') },
  worker: {
    summary: 'the workflows alone, against shared Postgres and Temporal',
    load: () => import('./commands/worker.js'),
  },
  migrate: { summary: "bring the database to this program's schema", load: () => import('./commands/migrate.js') },
  doctor: { summary: 'what is wrong here, and the next command', load: () => import('./commands/doctor.js') },
  healthcheck: { summary: 'probe for containers', load: () => import('./commands/healthcheck.js') },
  agreement: {
    summary: 'how far the rules and the second coder agree',
    load: () => import('./commands/agreement.js'),
  },
  alerts: {
    summary: 'what was raised and whether it arrived; try a channel',
    load: () => import('./commands/alerts.js'),
  },
  code: { summary: 'code a text and say why, or code a file', load: () => import('./commands/code.js') },
  gold: { summary: 'how well the coder does on labelled items', load: () => import('./commands/gold.js') },
  config: { summary: 'check and show the configuration', load: () => import('./commands/config.js') },
  demo: { summary: 'everything on one machine, over the sample world', load: () => import('./commands/demo.js') },
  init: { summary: 'write a configuration folder and secrets', load: () => import('./commands/init.js') },
  sources: { summary: 'list, add, test, pause, import and export feeds', load: () => import('./commands/sources.js') },
  explain: { summary: 'why an item was labelled so', load: () => import('./commands/explain.js') },
  items: { summary: 'items with their labels', load: () => import('./commands/items.js') },
  matrix: { summary: 'stories by pair and domain', load: () => import('./commands/matrix.js') },
  poll: { summary: 'poll feeds once, without a Temporal server', load: () => import('./commands/poll.js') },
  recode: { summary: 'code stored history again, and what that moves', load: () => import('./commands/recode.js') },
  review: { summary: 'decide about labels: queue, verdicts, undo, gold', load: () => import('./commands/review.js') },
  precision: { summary: 'how often reviewed labels were right', load: () => import('./commands/precision.js') },
  serve: { summary: 'the HTTP API and the dashboard alone', load: () => import('./commands/serve.js') },
  status: { summary: 'feeds, last success, failures in plain words', load: () => import('./commands/status.js') },
  trends: { summary: 'counts over time', load: () => import('./commands/trends.js') },
};

/** Names of all commands, for the documents. */
export const COMMAND_NAMES = Object.keys(COMMANDS);

/** Runs one command line and returns its exit code: 0 done, 1 failed or partly, 2 wrong use. */
export async function main(
  argv: string[],
  io: Io = { out: process.stdout, err: process.stderr, env: process.env },
): Promise<number> {
  let code: number = EXIT.done;
  // A reader that has seen enough (`| head`) closes the pipe: the rest is not wanted, and that is no failure.
  io.out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  // Any question can be asked of the demo world: `axiswatch trends --demo`. `up` and `demo` take the flag themselves.
  const first = argv.find((word) => !word.startsWith('-'));
  if (argv.includes('--demo') && first !== 'up' && first !== 'demo') {
    argv = argv.filter((word) => word !== '--demo');
    io = { ...io, env: demoVars(io.env) };
    if (!existsSync(io.env.AXISWATCH_CONFIG_DIR ?? '')) {
      io.err.write('There is no demo world yet: start one with "axiswatch demo".\n');
      return EXIT.failed;
    }
  }
  const program = new Command('axiswatch')
    .description('Tracks cooperation and friction among a group of states in news feeds.')
    // Options after a command are its own, also where it has sub-commands with options of the same name.
    .enablePositionalOptions()
    .exitOverride()
    // An option after a sub-command is the sub-command's, also where the command above has one of that name.
    .enablePositionalOptions()
    .configureOutput({ writeOut: (s) => io.out.write(s), writeErr: (s) => io.err.write(s) })
    .showSuggestionAfterError();
  const wanted = argv.find((word) => !word.startsWith('-'));
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    if (name === wanted) {
      const built = (await load()).build(io, (exit) => {
        code = exit;
      });
      program.addCommand(inherit(built, io));
    } else program.command(name).description(summary);
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error instanceof UsageError) {
      io.err.write(`${error.message}\n`);
      return EXIT.usage;
    }
    if (error instanceof Failure) {
      io.err.write(`${error.message}\n`);
      return error.reason === 'invalid-config' ? EXIT.usage : EXIT.failed;
    }
    throw error;
  }
}

/** Sub-commands do not inherit these settings when they are built elsewhere. */
function inherit(command: Command, io: Io): Command {
  command.exitOverride().configureOutput({ writeOut: (s) => io.out.write(s), writeErr: (s) => io.err.write(s) });
  for (const child of command.commands) inherit(child, io);
  return command;
}
