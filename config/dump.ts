import { type Env, SETTINGS } from './env.js';
import type { Config } from './types.js';

export interface EffectiveSetting {
  name: string;
  /** `set` stands for every secret. */
  value: string;
  from: 'environment' | 'file' | 'default';
}

/** What each setting is in effect and where it comes from; a secret shows only that it is set. */
export function effectiveSettings(env: Env): EffectiveSetting[] {
  const effective: Record<string, string> = {
    AXISWATCH_DATA_DIR: env.dataDir,
    AXISWATCH_CACHE_DIR: env.cacheDir,
    AXISWATCH_CONFIG_DIR: env.configDir,
  };
  return SETTINGS.map(({ name, secret, defaultValue }) => {
    const given = env.vars[name]?.trim() ?? '';
    const from = given === '' ? 'default' : secret && env.vars[`${name}_FILE`] ? 'file' : 'environment';
    const value = effective[name] ?? (given || (defaultValue ?? ''));
    return { name, value: secret && value !== '' ? 'set' : value, from };
  });
}

/** The whole effective configuration, safe to paste into a report: secrets are names of variables and files at most. */
export function dumpConfig(env: Env, config: Config): object {
  return {
    settings: Object.fromEntries(effectiveSettings(env).map(({ name, value, from }) => [name, { value, from }])),
    sources: config.sources,
    rules: config.rules,
    channels: config.channels,
    routes: config.routes,
  };
}

/** The text of `.env.example`: every setting with its sentence, commented out at its default. */
export function envExample(): string {
  const parts = SETTINGS.map(({ name, type, defaultText, defaultValue, secret, sentence }) => {
    const file = secret ? ` Or ${name}_FILE: a file that holds it.` : '';
    return `# ${sentence}${file}\n# (${type}; default: ${defaultText})\n#${name}=${defaultValue ?? ''}\n`;
  });
  return [
    '# Settings of axiswatch. Take the "#" from a line to change one; an empty value means the default.\n' +
      '# This file is not read by itself, lest a command take the settings of whatever folder it is run in. Load it before a command:\n' +
      '#   set -a; . ./.env; set +a\n',
    ...parts,
  ].join('\n');
}
