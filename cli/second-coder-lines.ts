import type { SecondCoderState } from '../activities/ask-second-coder.js';
import type { SecondCoderSettings } from '../config/second-coder.js';
import { monthOf } from '../core/second-coder/cost.js';
import type { Sql } from '../db/client.js';
import { listOpinionsOf, readMonth, type StoredOpinion } from '../db/opinions.js';
import { readSetting } from '../db/settings.js';
import { SECOND_CODER_STATE } from '../runtime/second-coder.js';
import { showDyad, showTime } from '../server/words.js';
import { cleanText } from './table.js';

/** One line for `status`: who it is, what the month has cost, and why nothing is asked if so. */
export async function describeSecondCoder(sql: Sql, settings: SecondCoderSettings | null, now: Date): Promise<string> {
  return settings === null ? 'off' : (await tellSecondCoder(sql, settings, now)).line;
}

/** The line about a second coder that is switched on, and whether something stops it. */
async function tellSecondCoder(
  sql: Sql,
  settings: SecondCoderSettings,
  now: Date,
): Promise<{ line: string; isStopped: boolean }> {
  const { mode, model, budget } = settings;
  const { month, calls, spentMicros } = await readMonth(sql, monthOf(now));
  const state = await readSetting<SecondCoderState>(sql, SECOND_CODER_STATE);
  const money = (value: number) => value.toFixed(2);
  const used = [
    `${calls}${budget.calls === null ? '' : ` of ${budget.calls}`} calls`,
    ...(budget.money === null ? [] : [`${money(spentMicros / 1e6)} of ${money(budget.money)}`]),
  ].join(', ');
  const isUsedUp =
    (budget.calls !== null && calls >= budget.calls) || (budget.money !== null && spentMicros >= budget.money * 1e6);
  // Nothing was used up where nothing was allowed: the setting is what to look at.
  const none = budget.calls === 0 ? '_CALLS' : budget.money === 0 ? '_BUDGET' : null;
  const trouble = none
    ? `; stopped: a budget of 0 allows no call (AXISWATCH_SECOND_CODER${none})`
    : isUsedUp
      ? '; stopped: the budget of the month is used up'
      : state?.problem
        ? `; stopped ${showTime(state.at)}: ${cleanText(state.problem)}`
        : '';
  return { line: `${cleanText(model)}, ${mode}, ${used} in ${month}${trouble}`, isStopped: trouble !== '' };
}

/** Why there is no opinion at all yet, and what to set or start. */
export async function explainSilence(sql: Sql, settings: SecondCoderSettings | null, now: Date): Promise<string> {
  const nothing = 'No second coder has coded anything here yet';
  if (settings === null)
    return `${nothing}: it is off. Set AXISWATCH_SECOND_CODER=parallel (or adjudicate), AXISWATCH_SECOND_CODER_URL and AXISWATCH_SECOND_CODER_MODEL.`;
  const { line, isStopped } = await tellSecondCoder(sql, settings, now);
  const next = isStopped
    ? 'Correct the AXISWATCH_SECOND_CODER settings (_URL, _MODEL, _API_KEY, _CALLS, _BUDGET) and start axiswatch again.'
    : 'It is asked every five minutes while axiswatch up or a worker runs.';
  return `${nothing}: ${line.replace(/\.$/, '')}. ${next}`;
}

/** What second coders said of an item, for `explain`; empty when nobody was asked. */
export async function describeOpinions(sql: Sql, itemId: string): Promise<string[]> {
  return (await listOpinionsOf(sql, itemId)).flatMap(describeOpinion);
}

function describeOpinion({ model, revision, outcome, reason, labels, dropped, askedAt }: StoredOpinion): string[] {
  const thrown = Object.entries(dropped).map(([why, n]) => `${n} ${why}`);
  const said =
    outcome === 'answered'
      ? labels.length === 0
        ? 'no label'
        : labels.map((l) => `${showDyad(l.participants.join('-'))} ${l.indicator} ${l.status}`).join('; ')
      : `${outcome}${reason ? ` (${cleanText(reason)})` : ''}`;
  const more = thrown.length > 0 ? `; thrown away: ${thrown.join(', ')}` : '';
  return [
    `second coder ${cleanText(model)}: ${said}${more} · revision ${revision}, ${showTime(askedAt.toISOString())}`,
  ];
}
