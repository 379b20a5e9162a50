import { Command } from 'commander';
import { readEnv } from '../../config/env.js';
import { migrate } from '../../db/migrate.js';
import { describeDatabase } from '../../db/reach.js';
import { openDatabase } from '../../runtime/database.js';
import { createLog } from '../../runtime/log.js';
import type { Io } from '../io.js';

/** `axiswatch migrate`: brings the database to this program's schema, once and for all processes that start together. */
export function build(io: Io): Command {
  return new Command('migrate').description("Bring the database to this program's schema.").action(async () => {
    const env = readEnv(io.env);
    const database = await openDatabase(env, createLog(env, io.err), 'axiswatch migrate');
    try {
      const { applied, total } = await migrate(database.url);
      const did =
        applied > 0
          ? `applied ${applied} of ${total} migrations`
          : `nothing to do, all ${total} migrations are applied`;
      io.out.write(`${describeDatabase(database.url)}: ${did}\n`);
    } finally {
      await database.close();
    }
  });
}
