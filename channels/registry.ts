import type { z } from 'zod';
import { Failure } from '../core/errors.js';
import type { Channel, ChannelEdge, ChannelKind } from './channel.js';
import { slack } from './slack.js';
import { webhook } from './webhook.js';

/** Every kind of channel: a new one is a file of its own and a line here. */
export const CHANNELS: Record<string, ChannelKind> = Object.fromEntries(
  [slack, webhook].map((kind) => [kind.kind, kind as unknown as ChannelKind]),
);

/** The schema of each kind's parameters, for the check of `channels.yaml`. */
export const CHANNEL_PARAMS: Record<string, z.ZodType> = Object.fromEntries(
  Object.values(CHANNELS).map(({ kind, params }) => [kind, params]),
);

/** A channel as configured: `params` are still to be read by its kind. */
export interface ChannelSettings {
  id: string;
  kind: string;
  params: Record<string, unknown>;
}

/**
 * Makes the configured channels ready to send, by id. Throws `Failure` `invalid-config` that names the channel and the field;
 * a missing secret is no reason to throw here: it is told when something is to be sent.
 */
export function openChannels(settings: readonly ChannelSettings[], edge: ChannelEdge): Map<string, Channel> {
  return new Map(settings.map((channel) => [channel.id, openChannel(channel, edge)]));
}

function openChannel({ id, kind: name, params }: ChannelSettings, edge: ChannelEdge): Channel {
  const kind = Object.hasOwn(CHANNELS, name) ? CHANNELS[name] : undefined;
  if (!kind) {
    const known = Object.keys(CHANNELS).join(', ');
    throw new Failure('invalid-config', `channel ${id}: unknown kind "${name}" (known: ${known})`);
  }
  const read = kind.params.safeParse(params);
  if (read.success) return kind.open(id, read.data, edge);
  const problems = read.error.issues.map(({ path, message }) => [...path, message].join(': '));
  throw new Failure('invalid-config', `channel ${id}: ${problems.join('; ')}`);
}
