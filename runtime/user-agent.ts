import type { Env } from '../config/env.js';
import packageJson from '../package.json' with { type: 'json' };

/** Says honestly who asks, and how to reach the operator where one said so; a source may have its own (`user_agent`). */
export function userAgent({ contact }: Pick<Env, 'contact'>): string {
  const reach = contact === null ? '' : `; +${contact}`;
  return `axiswatch/${packageJson.version} (self-hosted feed reader${reach})`;
}
