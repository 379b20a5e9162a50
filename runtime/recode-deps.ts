import type { Clock, Log } from '../activities/deps.js';
import type { RecodeDeps } from '../activities/recode.js';
import type { CodebookData } from '../core/codebook/data.js';
import { CODER_VERSION } from '../core/coder/rules-coder.js';
import { Failure } from '../core/errors.js';
import type { Sql } from '../db/client.js';
import { findPageEnd } from '../db/recode-pages.js';
import { endRecoding, findRecoding, loadCodebookData, writeStretch } from '../db/recodings.js';
import { startPageCoder } from './recode-threads.js';

/** A few megabytes of text: enough that a round trip does not count, and a lane has something to do at the end of a short range. */
export const PAGE_ITEMS = 5_000;
/** Another worker of the fleet may be of the right version. */
const OTHER_VERSION_RETRY_SECONDS = 30;

/** What coding history again needs: the table of runs, and threads that code with what the run was asked with. */
export function buildRecodeDeps(sql: Sql, clock: Clock, log: Log, pageItems = PAGE_ITEMS): RecodeDeps {
  return {
    clock,
    log,
    findRecoding: (id) => findRecoding(sql, { id }),
    findPageEnd: (after, until) => findPageEnd(sql, after, until, pageItems),
    writeStretch: (run, stretch, at) => writeStretch(sql, run, stretch, at),
    endRecoding: (id, state, at, reason) => endRecoding(sql, id, state, at, reason),
    async openPageCoder({ id, coder, total, items }) {
      if (coder.version !== CODER_VERSION)
        throw new Failure(
          'unavailable',
          `the recoding wants coder ${coder.name} ${coder.version}, this worker has ${CODER_VERSION}: run the same version everywhere`,
          { retryAfterSeconds: OTHER_VERSION_RETRY_SECONDS },
        );
      const data = await loadCodebookData(sql, id);
      if (data === null) throw new Failure('invalid-config', `nothing is stored of the codebook of recoding ${id}`);
      return startPageCoder(sql, JSON.parse(data) as CodebookData, total - items);
    },
  };
}
