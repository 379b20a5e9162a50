import type { Coder, CoderInput } from '../core/coder/label.js';
import { Failure } from '../core/errors.js';
import type { Decision, DecisionOutcome, Stored } from '../core/review/decision.js';
import { readAnswer } from '../core/second-coder/answer.js';
import type { ChatAnswer } from '../core/second-coder/chat.js';
import { type Budget, costMicros, monthOf, type Prices } from '../core/second-coder/cost.js';
import type { Band } from '../core/second-coder/decide.js';
import type { Gate, NamedItem } from '../core/second-coder/gate.js';
import type { NewOpinion, Opinionist, UncodedItem, UndecidedOpinion } from '../db/opinions.js';
import type { ActivityRuntime, Clock, Log } from './deps.js';

/** A model that codes items, with everything it may do and cost; built by `runtime/second-coder.ts`. */
export interface SecondCoder {
  who: Opinionist;
  mode: 'parallel' | 'adjudicate';
  share: number;
  band: Band;
  budget: Budget;
  prices: Prices;
  gate: Gate;
  /** Whether a text talks to a machine, so that it is not sent. */
  isWithheld(input: CoderInput): boolean;
  /** The most that asking about this item can cost, in millionths. */
  mostMicros(item: NamedItem): number;
  /** One call. Throws `Failure` when there is no answer. */
  ask(item: NamedItem, signal: AbortSignal): Promise<ChatAnswer>;
}

/** What the second coder last met: shown in `status`. */
export interface SecondCoderState {
  at: string;
  /** Why nothing is asked at the moment, in a sentence; null when all is well. */
  problem: string | null;
  /** The server asked us to wait until then. */
  holdUntil: string | null;
}

export interface OpinionStore {
  pickSample(query: Opinionist & PickLimits & { share: number }): Promise<UncodedItem[]>;
  pickUncertain(query: Opinionist & PickLimits & { band: Band }): Promise<UncodedItem[]>;
  storeOpinions(who: Opinionist, opinions: NewOpinion[]): Promise<number>;
  storePaidOpinion(
    who: Opinionist,
    opinion: NewOpinion,
    call: { month: string; reservedMicros: number },
  ): Promise<void>;
  reserveCall(month: string, micros: number, limits: { calls: number | null; micros: number | null }): Promise<boolean>;
  settleCall(month: string, call: { reservedMicros: number; costMicros: number; isMade: boolean }): Promise<void>;
  readState(): Promise<SecondCoderState | null>;
  writeState(state: SecondCoderState): Promise<void>;
  listUndecided(query: Opinionist & { band: Band; decidedWith: string; limit: number }): Promise<UndecidedOpinion[]>;
  markDecided(id: number, decidedWith: string): Promise<void>;
  /** Through the one function that also stores what people decide; a person's word is never overwritten. */
  putReview(decision: Decision, at: Date): Promise<Stored<DecisionOutcome>>;
}

interface PickLimits {
  since: Date;
  retryBefore: Date;
  limit: number;
}

export interface SecondCoderDeps {
  clock: Clock;
  /** Budgets, waits and times of opinions go by real time. */
  wallClock: Clock;
  log: Log;
  /** Null when there is none. */
  secondCoder: SecondCoder | null;
  opinionStore: OpinionStore;
  /** The rules whose labels are judged. */
  coder: Pick<Coder, 'version' | 'codebookVersion'>;
  /** A new UUIDv7. */
  newId(at: Date): string;
}

export interface AskedResult {
  /** Items looked at, with or without a call. */
  items: number;
  /** Calls that brought an answer, whatever it was. */
  asked: number;
  /** Answers with at least one label that passed the gate. */
  labelled: number;
  /** There are more items to look at. */
  more: boolean;
  /** Why no more can be asked now, in a sentence. */
  stopped: string | null;
}

/** Older items are history: `recode` looks at them, the second coder does not. */
const WINDOW_MS = 30 * 86_400_000;
/** An item that failed is tried again a day later. */
const RETRY_FAILED_MS = 86_400_000;
/** Most items name no two members and cost nothing. */
const PAGE_ITEMS = 200;
/** Calls in one activity, and how long it goes on asking: well within its deadline. */
const MAX_CALLS = 10;
const MAX_MS = 10 * 60_000;
/** From this attempt on a timeout is held to be the item's own fault, or it would block all others for ever. */
const LAST_ATTEMPT = 3;
const MAX_REASON = 300;
const MAX_ANSWER = 32_000;

/**
 * Asks the second coder about a few items that it has not coded. Each opinion is stored before the next call, with its cost, so that a
 * repeated activity goes on where the last one broke: at most the one call whose answer was on its way is paid again. Items
 * that name fewer than two members, and texts that talk to a machine, are noted without a call.
 */
export async function askSecondCoder(deps: SecondCoderDeps, runtime: ActivityRuntime): Promise<AskedResult> {
  const { secondCoder: second, opinionStore: store, wallClock } = deps;
  const result: AskedResult = { items: 0, asked: 0, labelled: 0, more: false, stopped: null };
  if (second === null) return { ...result, stopped: 'There is no second coder.' };
  const startedAt = wallClock.now().getTime();
  const state = await store.readState();
  const hold = state?.holdUntil ?? null;
  if (hold !== null && Date.parse(hold) > startedAt)
    return { ...result, stopped: `The second coder's server asked us to wait until ${hold}.` };

  const items = await pickItems(deps, second, new Date(startedAt));
  const unsent: NewOpinion[] = [];
  const named: Array<{ item: UncodedItem; names: NamedItem }> = [];
  for (const item of items) {
    const names = second.gate.readNames(item.input);
    if (names === null) unsent.push(unasked(item, 'no-pair', null, new Date(startedAt)));
    else if (second.isWithheld(item.input))
      unsent.push(unasked(item, 'withheld', 'the text talks to a machine', new Date(startedAt)));
    else named.push({ item, names });
  }
  if (unsent.length > 0) await store.storeOpinions(second.who, unsent);
  result.items = unsent.length;

  // One timeout of a late attempt is the item's fault; where the next one times out too, it is the server's.
  let mayHoldTimeout = runtime.attempt >= LAST_ATTEMPT;
  for (const { item, names } of named.slice(0, MAX_CALLS)) {
    if (wallClock.now().getTime() - startedAt > MAX_MS) break;
    runtime.signal.throwIfAborted();
    const asked = await askAbout(deps, second, runtime.signal, item, names, mayHoldTimeout);
    if ('stopped' in asked) {
      result.stopped = asked.stopped;
      break;
    }
    result.items++;
    if (asked.opinion.outcome === 'failed') mayHoldTimeout = false;
    else result.asked++;
    if (asked.opinion.labels.length > 0) result.labelled++;
    runtime.heartbeat({ asked: result.asked });
  }
  result.more =
    result.stopped === null && result.items > 0 && (result.items < items.length || items.length === PAGE_ITEMS);
  if (result.stopped !== null || result.asked > 0) await noteState(deps, result.stopped, null);
  if (result.stopped !== null && result.stopped !== state?.problem)
    deps.log.warn({ problem: result.stopped }, 'the second coder stopped');
  return result;
}

function pickItems(deps: SecondCoderDeps, second: SecondCoder, now: Date): Promise<UncodedItem[]> {
  const query = {
    ...second.who,
    since: new Date(deps.clock.now().getTime() - WINDOW_MS),
    retryBefore: new Date(now.getTime() - RETRY_FAILED_MS),
    limit: PAGE_ITEMS,
  };
  return second.mode === 'parallel'
    ? deps.opinionStore.pickSample({ ...query, share: second.share })
    : deps.opinionStore.pickUncertain({ ...query, band: second.band });
}

type Asked = { opinion: NewOpinion } | { stopped: string };

/** One item: counted, asked, checked, stored. Throws what is worth another try of the whole activity. */
async function askAbout(
  deps: SecondCoderDeps,
  second: SecondCoder,
  signal: AbortSignal,
  item: UncodedItem,
  names: NamedItem,
  mayHoldTimeout: boolean,
): Promise<Asked> {
  const { opinionStore: store, wallClock } = deps;
  const now = wallClock.now();
  const call = await reserve(store, second, names, now, signal);
  if (call === null) return { stopped: budgetUsedUp(monthOf(now)) };
  let said: ChatAnswer;
  try {
    said = await second.ask(names, signal);
  } catch (error) {
    // Cancelled in the middle: it may have been charged, so it stays counted.
    if (!(error instanceof Failure)) throw error;
    return await meetFailure(deps, second, item, error, call, mayHoldTimeout);
  }
  const opinion = readOpinion(second, item, names, said, wallClock.now());
  await store.storePaidOpinion(second.who, opinion, call);
  const { outcome, dropped, labels } = opinion;
  deps.log.debug({ itemId: item.itemId, outcome, labels: labels.length, dropped }, 'second opinion stored');
  return { opinion };
}

function readOpinion(
  second: SecondCoder,
  { itemId, revision }: UncodedItem,
  names: NamedItem,
  said: ChatAnswer,
  askedAt: Date,
): NewOpinion {
  const { tokens } = said;
  const paid = {
    itemId,
    revision,
    tokens,
    costMicros: costMicros(tokens, second.prices),
    askedAt,
    answer: said.content?.slice(0, MAX_ANSWER) ?? null,
    labels: [],
    dropped: {},
  };
  if (said.kind !== 'said') return { ...paid, outcome: said.kind, reason: said.why.slice(0, MAX_REASON) };
  const read = readAnswer(said.content);
  if (read.kind === 'malformed') return { ...paid, outcome: 'malformed', reason: read.why };
  return { ...paid, outcome: 'answered', reason: null, ...second.gate.check(names, read.answer) };
}

/** Failures that tell of this item and not of the server or of our settings. */
const ITEM_STATUS = new Set([400, 413, 422]);

async function meetFailure(
  deps: SecondCoderDeps,
  second: SecondCoder,
  item: UncodedItem,
  failure: Failure,
  call: Call,
  mayHoldTimeout: boolean,
): Promise<Asked> {
  const { opinionStore: store, wallClock } = deps;
  const { reason, message, more } = failure;
  const isOfItem =
    reason === 'too-large' ||
    reason === 'malformed' ||
    ITEM_STATUS.has(more.status ?? 0) ||
    (reason === 'timeout' && mayHoldTimeout);
  const isCharged = mayBeCharged(failure);
  if (!isCharged) await giveBack(store, call);
  if (isOfItem) {
    const opinion: NewOpinion = {
      ...unasked(item, 'failed', message.slice(0, MAX_REASON), wallClock.now()),
      costMicros: isCharged ? call.reservedMicros : 0,
    };
    await store.storeOpinions(second.who, [opinion]);
    // A refused request may be refused for every item: the next run goes on, one item further.
    return reason === 'client' || reason === 'malformed' ? { stopped: message } : { opinion };
  }
  if (reason === 'auth' || reason === 'client' || reason === 'invalid-config') return { stopped: message };
  const waitMs = (more.retryAfterSeconds ?? 0) * 1000;
  await noteState(deps, message, waitMs > 0 ? new Date(wallClock.now().getTime() + waitMs) : null);
  throw failure;
}

/** Whoever refuses a request before doing anything charges nothing; where an answer was begun somebody may. */
function mayBeCharged({ reason, more }: Failure): boolean {
  return reason === 'timeout' || reason === 'too-large' || reason === 'malformed' || more.fault === 'reset';
}

/** What the second coder says of one text. */
export type OneOpinion = Pick<NewOpinion, 'outcome' | 'reason' | 'labels' | 'dropped' | 'tokens' | 'costMicros'>;

/**
 * Asks about one text, for a person who tries it. Counted like any other call, stored nowhere. Throws `Failure` when there is no
 * answer, and `unavailable` when the budget is used up.
 */
export async function askOnce(
  { opinionStore: store, wallClock }: Pick<SecondCoderDeps, 'opinionStore' | 'wallClock'>,
  second: SecondCoder,
  input: CoderInput,
  signal: AbortSignal,
): Promise<OneOpinion> {
  const now = wallClock.now();
  const item: UncodedItem = { itemId: '', revision: 0, input };
  const names = second.gate.readNames(input);
  if (names === null) return unasked(item, 'no-pair', 'the text does not name two members', now);
  if (second.isWithheld(input)) return unasked(item, 'withheld', 'the text talks to a machine', now);
  const call = await reserve(store, second, names, now, signal);
  if (call === null) throw new Failure('unavailable', budgetUsedUp(monthOf(now)));
  try {
    const opinion = readOpinion(second, item, names, await second.ask(names, signal), now);
    await store.settleCall(call.month, { ...call, costMicros: opinion.costMicros, isMade: true });
    return opinion;
  } catch (error) {
    if (error instanceof Failure && !mayBeCharged(error)) await giveBack(store, call);
    throw error;
  }
}

interface Call {
  month: string;
  reservedMicros: number;
}

/** Counts a call before it is made; null when the budget does not allow it. Whoever is stopped meanwhile makes none, and none counts. */
async function reserve(
  store: OpinionStore,
  second: SecondCoder,
  names: NamedItem,
  now: Date,
  signal: AbortSignal,
): Promise<Call | null> {
  const call = { month: monthOf(now), reservedMicros: second.mostMicros(names) };
  const limits = { calls: second.budget.calls, micros: microsOf(second.budget.money) };
  if (!(await store.reserveCall(call.month, call.reservedMicros, limits))) return null;
  if (signal.aborted) {
    await giveBack(store, call);
    throw signal.reason;
  }
  return call;
}

const giveBack = (store: OpinionStore, call: Call) =>
  store.settleCall(call.month, { ...call, costMicros: 0, isMade: false });

const budgetUsedUp = (month: string) =>
  `The budget of ${month} for the second coder allows no call any more: it is used up, or too small for one.`;

function noteState({ opinionStore, wallClock }: SecondCoderDeps, problem: string | null, holdUntil: Date | null) {
  return opinionStore.writeState({
    at: wallClock.now().toISOString(),
    problem,
    holdUntil: holdUntil?.toISOString() ?? null,
  });
}

function unasked(
  { itemId, revision }: UncodedItem,
  outcome: NewOpinion['outcome'],
  reason: string | null,
  askedAt: Date,
): NewOpinion {
  return {
    itemId,
    revision,
    outcome,
    reason,
    answer: null,
    labels: [],
    dropped: {},
    tokens: null,
    costMicros: 0,
    askedAt,
  };
}

const microsOf = (money: number | null) => (money === null ? null : Math.floor(money * 1_000_000));
