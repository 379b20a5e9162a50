import type { OpinionStore, SecondCoder } from '../activities/ask-second-coder.js';
import type { Env } from '../config/env.js';
import { secondCoderFolder } from '../config/load.js';
import { loadSecondCoderTexts } from '../config/second-coder.js';
import type { CodebookData } from '../core/codebook/data.js';
import { Failure } from '../core/errors.js';
import { answerJsonSchema } from '../core/second-coder/answer.js';
import { costMicros, missedTokens, mostTokens } from '../core/second-coder/cost.js';
import { createGate, type Gate, type NamedItem } from '../core/second-coder/gate.js';
import { renderItem, shownItem } from '../core/second-coder/item-text.js';
import { talksToMachine } from '../core/second-coder/machine-talk.js';
import type { Sql } from '../db/client.js';
import {
  listUndecided,
  markDecided,
  pickSample,
  pickUncertain,
  reserveCall,
  settleCall,
  storeOpinions,
  storePaidOpinion,
} from '../db/opinions.js';
import { putReview } from '../db/reviews.js';
import { readSetting, writeSetting } from '../db/settings.js';
import { createGuardedDispatcher } from '../feeds/guard.js';
import { createChatClient } from './chat-client.js';
import { userAgent } from './user-agent.js';

/** Where its last trouble is kept, in the table of settings. */
export const SECOND_CODER_STATE = 'second-coder';

type SecondCoderEnv = Pick<Env, 'secondCoder' | 'configDir' | 'allowAddresses' | 'contact' | 'vars'>;

/**
 * The second coder of the settings, or null when it is off. Its texts come from the codebook folder, or from the shipped one when
 * that has none. The address is the operator's own word, so its host may be private or this machine; nothing else may.
 */
export function openSecondCoder(env: SecondCoderEnv, data: CodebookData, made?: Gate): SecondCoder | null {
  const settings = env.secondCoder;
  if (settings === null) return null;
  const gate = made ?? createGate(data);
  const { instructions, notSent } = loadSecondCoderTexts(secondCoderFolder(env.configDir), data);
  const { baseUrl, model, apiKey, timeoutMs, maxTokens, prices } = settings;
  const chat = createChatClient({
    baseUrl,
    model,
    apiKey,
    timeoutMs,
    maxTokens,
    dispatcher: createGuardedDispatcher({ allow: [...env.allowAddresses, new URL(baseUrl).hostname] }),
    userAgent: userAgent(env),
  });
  const schema = answerJsonSchema(data.codebook);
  const render = ({ input, home }: NamedItem) => renderItem(input, home);
  const { mode, share, band, budget } = settings;
  return {
    who: { model, instructionsVersion: instructions.version },
    mode,
    share,
    band,
    budget,
    prices,
    // The gate reads what the model was shown: what was cut off is no evidence.
    gate: { ...gate, readNames: (input) => gate.readNames(shownItem(input)) },
    isWithheld: (input) => talksToMachine(input, data.codebook, notSent),
    mostMicros: (item) => costMicros(mostTokens([instructions.text, render(item)], maxTokens), prices),
    async ask(item, signal) {
      const sent = [instructions.text, render(item)] as const;
      const answer = await chat({ system: sent[0], user: sent[1], schema }, signal);
      const missed = missedTokens(sent, answer.tokens.input);
      // An answer to half of the instructions must not decide anything.
      if (missed !== null)
        throw new Failure(
          'malformed',
          `The second coder's server read ${answer.tokens.input} of about ${missed} tokens: its context window is too small for the instructions.`,
        );
      return answer;
    },
  };
}

/** The tables of opinions, the books of the month, and the way to a decision. */
export function openOpinionStore(sql: Sql): OpinionStore {
  return {
    pickSample: (query) => pickSample(sql, query),
    pickUncertain: (query) => pickUncertain(sql, query),
    storeOpinions: (who, opinions) => storeOpinions(sql, who, opinions),
    storePaidOpinion: (who, opinion, call) => storePaidOpinion(sql, who, opinion, call),
    reserveCall: (month, micros, limits) => reserveCall(sql, month, micros, limits),
    settleCall: (month, call) => settleCall(sql, month, call),
    readState: () => readSetting(sql, SECOND_CODER_STATE),
    writeState: (state) => writeSetting(sql, SECOND_CODER_STATE, state),
    listUndecided: (query) => listUndecided(sql, query),
    markDecided: (id, decidedWith) => markDecided(sql, id, decidedWith),
    putReview: (decision, at) => putReview(sql, decision, at),
  };
}
