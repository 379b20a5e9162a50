import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { Failure } from '../core/errors.js';

/** Where a secret is: the name of an environment variable or the path of a file; never the secret itself. */
export interface SecretRef {
  env?: string;
  file?: string;
}

export type ReadSecret = (ref: SecretRef) => string;

const MAX_SECRET_BYTES = 65_536;

/** Parameters `<name>_env` and `<name>_file`, one of which must be given (see {@link requireSecrets}). */
export function secretParams<N extends string>(name: N) {
  return { [`${name}_env`]: z.string().optional(), [`${name}_file`]: z.string().optional() } as Record<
    `${N}_env` | `${N}_file`,
    z.ZodOptional<z.ZodString>
  >;
}

/** Refinement: exactly one of `<name>_env` and `<name>_file` for each of the names. */
export function requireSecrets(...names: string[]) {
  return (params: Record<string, unknown>, context: z.RefinementCtx) => {
    for (const name of names) {
      const given = [`${name}_env`, `${name}_file`].filter((key) => params[key] !== undefined);
      const message = `give ${name}_env (the name of a variable) or ${name}_file (a path)${given.length > 1 ? ', not both' : ''}`;
      // At the channel as a whole: there is no line of a key that is missing.
      if (given.length !== 1) context.addIssue({ code: 'custom', path: [], message });
    }
  };
}

export function secretRef(params: Record<string, unknown>, name: string): SecretRef {
  return { env: params[`${name}_env`] as string | undefined, file: params[`${name}_file`] as string | undefined };
}

/**
 * Reads secrets from `vars` (also `NAME_FILE`) or from files relative to `directory`, anew at each call: a rotated secret is
 * used from the next send on. Throws `Failure` `invalid-config` that names the variable or file, never what it holds.
 */
export function createReadSecret(vars: NodeJS.ProcessEnv, directory: string): ReadSecret {
  return ({ env, file }) => {
    if (env !== undefined) {
      const value = vars[env]?.trim();
      if (value) return value;
      const path = vars[`${env}_FILE`];
      if (path) return readSecretFile(path, directory);
      throw new Failure('invalid-config', `environment variable ${env} is not set`);
    }
    return readSecretFile(file ?? '', directory);
  };
}

function readSecretFile(path: string, directory: string): string {
  let text: string;
  try {
    text = readFileSync(resolve(directory, path), 'utf8').slice(0, MAX_SECRET_BYTES).trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new Failure('invalid-config', `secret file ${path} cannot be read (${code})`);
  }
  if (text === '') throw new Failure('invalid-config', `secret file ${path} is empty`);
  return text;
}

/** Reads a secret that must be an http(s) URL. The message of its failure shows nothing of it. */
export function readSecretUrl(readSecret: ReadSecret, ref: SecretRef): URL {
  const text = readSecret(ref);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new Failure('invalid-config', `${ref.env ?? ref.file} does not hold an http(s) URL`);
}
