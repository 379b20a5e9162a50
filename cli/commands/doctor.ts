import { Command } from 'commander';
import { readEnv } from '../../config/env.js';
import { diagnose, type Finding } from '../../runtime/diagnose.js';
import { findTemporalCli } from '../../runtime/find-temporal.js';
import { createLog } from '../../runtime/log.js';
import { EXIT, type Io } from '../io.js';

const SIGNS = { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' } as const;

/** `axiswatch doctor`: what is wrong here, and the next command. Exit code 1 when there is a problem. */
export function build(io: Io, exit: (code: number) => void): Command {
  return new Command('doctor')
    .description('Tell what is wrong here and what to do next.')
    .option('--json', 'as JSON')
    .option('--install', 'only find, download or build the Temporal CLI for the embedded server')
    .action(async (options: { json?: boolean; install?: boolean }) => {
      const env = readEnv(io.env);
      const log = createLog(env, io.err);
      if (options.install) {
        io.out.write(`Temporal CLI: ${await findTemporalCli(env, log)}\n`);
        return;
      }
      const findings = await diagnose(env, createLog({ logLevel: 'warn' }, io.err));
      const isWell = findings.every((finding) => finding.state !== 'problem');
      io.out.write(
        options.json ? `${JSON.stringify({ ok: isWell, findings }, null, 2)}\n` : findings.map(formatFinding).join(''),
      );
      if (!isWell) exit(EXIT.failed);
    });
}

function formatFinding({ state, check, detail, next }: Finding): string {
  const lines = detail.split('\n').join('\n           ');
  return `${SIGNS[state]}  ${check}: ${lines}\n${next ? `           next: ${next}\n` : ''}`;
}
