import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, lstatSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { envExample } from '../../config/dump.js';
import { SHIPPED_CONFIG_DIR } from '../../config/env.js';
import { CONFIG_FILES } from '../../config/load.js';
import { makeDirectory } from '../../config/make-directory.js';
import { Failure } from '../../core/errors.js';
import { EXIT, type Io, UsageError } from '../io.js';

const ENV_FILE = '.env';

/** `axiswatch init [DIR]`: a configuration folder to edit and a `.env` with fresh secrets; what is there is never overwritten. */
export function build(io: Io, exit: (code: number) => void): Command {
  return new Command('init')
    .description('Write a configuration folder and a .env with random secrets; nothing that exists is overwritten.')
    .argument('[dir]', 'where to write', 'axiswatch')
    .action((dir: string) => {
      const target = resolve(dir);
      if (existsSync(target) && !lstatSync(target).isDirectory())
        throw new UsageError(`${dir} is there and is no folder`);
      const written = attempt(target, () => writeFolder(target));
      for (const { name, isNew } of written) io.err.write(`${isNew ? 'wrote' : 'kept '}  ${join(dir, name)}\n`);
      io.out.write(`${target}\n`);
      io.err.write(
        `\nEdit the files, check them, and start:\n  set -a; . ${join(dir, ENV_FILE)}; set +a\n  npx axiswatch config check\n  npx axiswatch up\n`,
      );
      exit(EXIT.done);
    });
}

/** A folder where this user may not write is no bug. */
function attempt<T>(target: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new Failure('unavailable', `${target} cannot be written (${code})`, { cause: error });
  }
}

function writeFolder(target: string): Array<{ name: string; isNew: boolean }> {
  const config = join(target, 'config');
  makeDirectory(config);
  const files = CONFIG_FILES.map((name) => {
    const to = join(config, name);
    const isNew = !existsSync(to);
    if (isNew) cpSync(join(SHIPPED_CONFIG_DIR, name), to, { recursive: true, errorOnExist: true, force: false });
    return { name: join('config', name), isNew };
  });
  return [...files, { name: ENV_FILE, isNew: writeSecrets(join(target, ENV_FILE), config) }];
}

/** Exclusive creation: two at once cannot overwrite each other's secrets, and nobody else can read the file for a moment. */
function writeSecrets(file: string, config: string): boolean {
  const values: Record<string, string> = {
    AXISWATCH_CONFIG_DIR: config,
    AXISWATCH_API_TOKEN: randomBytes(32).toString('base64url'),
  };
  const text = envExample().replace(/^#([A-Z_]+)=.*$/gm, (line, name: string) => {
    const value = values[name];
    return value === undefined ? line : `${name}=${quote(value)}`;
  });
  const postgres = `\n# Password of the Postgres that docker-compose.yml starts.\nPOSTGRES_PASSWORD=${randomBytes(24).toString('base64url')}\n`;
  try {
    writeFileSync(file, text + postgres, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** For shells and compose alike; plain words stay bare because `docker run --env-file` takes quotes literally. */
function quote(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
