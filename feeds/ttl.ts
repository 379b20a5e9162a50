import type { DraftFeed } from './draft.js';

const PERIOD_SECONDS: Record<string, number> = {
  hourly: 3600,
  daily: 86_400,
  weekly: 604_800,
  monthly: 2_592_000,
  yearly: 31_536_000,
};

/** `ttl` in minutes, else the syndication module's period divided by its frequency. */
export function ttlSeconds({ ttlMinutes, updatePeriod, updateFrequency }: DraftFeed): number | null {
  const minutes = Number(ttlMinutes ?? Number.NaN);
  if (Number.isFinite(minutes) && minutes > 0) return Math.round(minutes * 60);
  const period = PERIOD_SECONDS[updatePeriod?.trim().toLowerCase() ?? ''];
  if (period === undefined) return null;
  const frequency = Number(updateFrequency ?? 1);
  return Math.round(period / (frequency > 0 ? frequency : 1));
}
