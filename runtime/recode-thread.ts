import { parentPort, workerData } from 'node:worker_threads';
import { codePage } from '../activities/recode-page.js';
import type { CodebookData } from '../core/codebook/data.js';
import { createRulesCoder } from '../core/coder/rules-coder.js';
import type { StoredPage } from '../core/recode/stored-page.js';
import type { SourceFacts } from '../db/recode-pages.js';

/** What a thread is started with. */
export interface ThreadInput {
  data: CodebookData;
  sources: Map<string, SourceFacts>;
}

// The thread behind `openPageCoder`: pages in, what differs from the store out. It has no connection and no clock of its own.
const { data, sources } = workerData as ThreadInput;
const coder = createRulesCoder(data);
parentPort!.on('message', (page: StoredPage) => parentPort!.postMessage(codePage(coder, data.codebook, sources, page)));
