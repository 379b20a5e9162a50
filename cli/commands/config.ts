import { Command } from 'commander';
import { stringify } from 'yaml';
import { loadCodebook } from '../../config/codebook.js';
import { dumpConfig } from '../../config/dump.js';
import { type Env, readEnv } from '../../config/env.js';
import { configFile, secondCoderFolder } from '../../config/load.js';
import { configJsonSchemas } from '../../config/schema.js';
import { loadSecondCoderTexts } from '../../config/second-coder.js';
import type { Config } from '../../config/types.js';
import { Failure } from '../../core/errors.js';
import { checkConfig } from '../../runtime/load-installation.js';
import { EXIT, type Io, UsageError } from '../io.js';

/** `axiswatch config check|dump|schema`. */
export function build(io: Io, exit: (code: number) => void): Command {
  const command = new Command('config').description('Check and show the configuration.');
  command
    .command('check')
    .description('tell every mistake in settings, sources, rules, channels and codebook')
    .action(() => exit(check(io)));
  command
    .command('dump')
    .description('print the effective settings and files, without secrets')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }) => {
      const env = readEnv(io.env);
      const dump = dumpConfig(env, checkConfig(env.configDir));
      io.out.write(options.json ? `${JSON.stringify(dump, null, 2)}\n` : stringify(dump));
    });
  command
    .command('schema')
    .description('print the JSON Schema of a configuration file, for editors')
    .argument('[file]', 'sources.yaml, rules.yaml or channels.yaml; all of them without it')
    .action((file?: string) => {
      const schemas = configJsonSchemas();
      const wanted = file === undefined ? schemas : (schemas[file] ?? schemas[`${file}.yaml`]);
      if (!wanted) throw new UsageError(`no schema of "${file}": ${Object.keys(schemas).join(', ')}`);
      io.out.write(`${JSON.stringify(wanted, null, 2)}\n`);
    });
  return command;
}

/** Runs every check, however many fail, and prints all problems together. */
function check(io: Io): number {
  const problems: string[] = [];
  /** The value, or null after its problems were noted. */
  const attempt = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      problems.push(error.message);
      return null;
    }
  };
  const env = attempt<Env>(() => readEnv(io.env));
  // Files are checked although a setting is wrong, as long as we know where they are.
  const directory = env?.configDir ?? readEnv({ AXISWATCH_CONFIG_DIR: io.env.AXISWATCH_CONFIG_DIR }).configDir;
  const loaded = attempt(() => loadCodebook(configFile(directory, 'codebook')));
  if (loaded) attempt(() => loadSecondCoderTexts(secondCoderFolder(directory), loaded.data));
  const config = attempt<Config>(() => checkConfig(directory, loaded?.codebook));
  if (problems.length > 0) {
    io.out.write(`${problems.join('\n')}\n`);
    return EXIT.failed;
  }
  if (config && loaded) {
    for (const warning of missingSecrets(config, env?.vars ?? {})) io.err.write(`warning: ${warning}\n`);
    const feeds = config.sources.reduce((sum, source) => sum + source.feeds.length, 0);
    const { codebook } = loaded;
    io.out.write(
      `ok: ${config.sources.length} sources, ${feeds} feeds, ${config.rules.length} rules, ${config.channels.length} channels, ` +
        `codebook ${codebook.version} with ${codebook.members.length} members and ${codebook.indicators.length} indicators\n`,
    );
  }
  return EXIT.done;
}

/** No mistake in a file, since another machine may hold the secret; but an alert could not be sent from here. */
function missingSecrets(config: Config, vars: NodeJS.ProcessEnv): string[] {
  return config.channels.flatMap(({ id, params }) =>
    Object.entries(params).flatMap(([key, name]) =>
      key.endsWith('_env') && typeof name === 'string' && !vars[name] && !vars[`${name}_FILE`]
        ? [`channel ${id}: ${name} (${key}) is not set`]
        : [],
    ),
  );
}
