import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { PageCoder } from '../activities/recode.js';
import type { CodedPage } from '../activities/recode-page.js';
import type { CodebookData } from '../core/codebook/data.js';
import type { StoredPage } from '../core/recode/stored-page.js';
import type { Sql } from '../db/client.js';
import { loadSourceFacts, type PageRange, readPage } from '../db/recode-pages.js';
import type { ThreadInput } from './recode-thread.js';

const MOST_THREADS = 4;
/** Each thread builds a coder of its own (about a second, some tens of megabytes): a second one must have something to do. */
const ITEMS_PER_THREAD = 50_000;

const THREAD = new URL('./recode-thread.ts', import.meta.url).href;
const TSX = import.meta.resolve('tsx/esm/api');
/** A thread starts without the loader that reads our sources. */
const START = `import(${JSON.stringify(TSX)}).then(({ register }) => { register(); return import(${JSON.stringify(THREAD)}); })`;

/** Threads that code about so many items with the rules coder of `data`; this thread reads the pages and hands them round. */
export async function startPageCoder(sql: Sql, data: CodebookData, items: number): Promise<PageCoder> {
  const threads = Math.max(1, Math.min(availableParallelism(), MOST_THREADS, Math.ceil(items / ITEMS_PER_THREAD)));
  const sources = await loadSourceFacts(sql);
  const workers = Array.from({ length: threads }, () => new CodingThread({ data, sources }));
  const idle = [...workers];
  const waiting: Array<(thread: CodingThread) => void> = [];
  const take = async () => idle.pop() ?? new Promise<CodingThread>((resolve) => void waiting.push(resolve));
  const give = (thread: CodingThread) => {
    const next = waiting.shift();
    if (next) next(thread);
    else idle.push(thread);
  };
  return {
    lanes: threads,
    async code(range: PageRange) {
      const page = await readPage(sql, range);
      const thread = await take();
      try {
        return await thread.code(page);
      } finally {
        give(thread);
      }
    },
    async close() {
      await Promise.all(workers.map((thread) => thread.stop()));
    },
  };
}

/** One thread with one page at a time. */
class CodingThread {
  readonly #worker: Worker;
  #error: Error | null = null;
  #settle: { resolve: (page: CodedPage) => void; reject: (error: Error) => void } | null = null;

  constructor(input: ThreadInput) {
    this.#worker = new Worker(START, { eval: true, workerData: input, execArgv: [] });
    this.#worker.on('message', (page: CodedPage) => this.#settle?.resolve(page));
    this.#worker.on('error', (error) => this.#break(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', () => this.#break(new Error('the coding thread ended')));
  }

  code(page: StoredPage): Promise<CodedPage> {
    return new Promise((resolve, reject) => {
      if (this.#error) return reject(this.#error);
      this.#settle = { resolve, reject };
      this.#worker.postMessage(page);
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #break(error: Error): void {
    this.#error ??= error;
    this.#settle?.reject(this.#error);
  }
}
