/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
import type { Context, Hono } from 'hono';
import { MAX_AUTHOR } from '../../core/review/decision.js';
import { type ParameterProblem, ParameterReader } from '../../core/trends/parameters.js';
import { refuseWrite } from '../access.js';
import { askItem } from '../api/items.js';
import { decide } from '../api/post-review.js';
import { loadQueue, precision, QUEUE_PARAMETERS, readQueue } from '../api/reviews.js';
import { parametersOf } from '../api/routes.js';
import type { Reviewing } from '../reviewing.js';
import { replyPageProblem } from './problem.js';
import { QueuePage, ReviewItemPage } from './review.js';
import { itemLink, queueLink, type ReviewState } from './review-view.js';
import { type PageContext, page } from './routes.js';

/** The pages of human review. Forms alone, no script; what must be remembered stands in the address. */
export function addReviewPages(pages: Hono, context: PageContext, reviewing: Reviewing): void {
  pages.get('/review', (c) => showQueue(c, context, reviewing));
  pages.get('/review/:id', (c) => showItem(c, context, reviewing, c.req.param('id')));
  pages.post('/review/:id', (c) => postDecision(c, context, reviewing, c.req.param('id')));
}

function refusalOf({ deps, token }: Reviewing): string | null {
  if (deps === null) return 'This server has no codebook to decide by.';
  if (token === null)
    return 'Here you can look, not decide: set AXISWATCH_API_TOKEN and start again, or decide with "axiswatch review".';
  return null;
}

async function showQueue(c: Context, context: PageContext, reviewing: Reviewing): Promise<Response> {
  const reader = new ParameterReader(parametersOf(c), [...QUEUE_PARAMETERS, 'author', 'done']);
  const query = readQueue(reader, context);
  if (reader.problems.length > 0)
    return replyPageProblem(c, 400, 'The address asks for something unknown.', reader.problems);
  const queue = new URLSearchParams();
  for (const name of QUEUE_PARAMETERS) for (const value of reader.many(name)) queue.append(name, value);
  const [{ labels, sample }, figures] = await Promise.all([loadQueue(context, query), precision.ask(context, {})]);
  if (figures.kind !== 'answer') return replyPageProblem(c, 404, 'There are no figures.');
  return page(
    c,
    context,
    'Review · axiswatch',
    <QueuePage
      labels={labels}
      sample={sample}
      query={query}
      precision={figures.body}
      state={{ author: authorOf(c), queue }}
      refusal={refusalOf(reviewing)}
      done={c.req.query('done') ?? null}
      codebook={context.codebook}
    />,
  );
}

interface Trouble {
  status: 200 | 400 | 409;
  problems: ParameterProblem[];
  conflict: string | null;
}

async function showItem(
  c: Context,
  context: PageContext,
  reviewing: Reviewing,
  id: string,
  trouble: Trouble = { status: 200, problems: [], conflict: null },
  given: ReviewState | null = null,
): Promise<Response> {
  const asked = await askItem(context, id);
  if (asked.kind !== 'answer') return replyPageProblem(c, 404, 'No item has this id.');
  c.status(trouble.status);
  return page(
    c,
    context,
    `Review: ${asked.body.title} · axiswatch`,
    <ReviewItemPage
      item={asked.body}
      codebook={context.codebook}
      state={given ?? { author: authorOf(c), queue: new URLSearchParams(c.req.query('queue') ?? '') }}
      refusal={refusalOf(reviewing)}
      problems={trouble.problems}
      conflict={trouble.conflict}
    />,
  );
}

async function postDecision(c: Context, context: PageContext, reviewing: Reviewing, id: string): Promise<Response> {
  const refused = refuseWrite(c, reviewing.token);
  if (refused) {
    // The browser then asks for the password, keeps it, and sends the form again: no cookie, no script.
    if (refused.status === 401) c.header('www-authenticate', 'Basic realm="axiswatch", charset="UTF-8"');
    return replyPageProblem(c, refused.status, refused.detail);
  }
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? ''))
    return replyPageProblem(c, 415, 'This address takes the form of its own page.');
  const form = new URLSearchParams(await c.req.text());
  const state: ReviewState = {
    author: (form.get('author') ?? '').trim().slice(0, MAX_AUTHOR),
    queue: new URLSearchParams(form.get('queue') ?? ''),
  };
  const reviewed = await decide(reviewing, id, readForm(form));
  switch (reviewed.kind) {
    case 'written':
    case 'unchanged':
      return c.redirect(
        form.get('next') === 'queue' ? queueLink(state, { done: reviewed.itemId }) : itemLink(state, reviewed.itemId),
        303,
      );
    case 'missing':
      return replyPageProblem(c, 404, reviewed.detail);
    case 'conflict':
      return showItem(c, context, reviewing, id, { status: 409, problems: [], conflict: reviewed.detail }, state);
    case 'invalid':
      return showItem(c, context, reviewing, id, { status: 400, problems: reviewed.problems, conflict: null }, state);
    default: {
      const never: never = reviewed;
      return never;
    }
  }
}

const PLAIN = [
  'verdict',
  'indicator',
  'participants',
  'to_indicator',
  'to_status',
  'to_severity',
  'to_direction',
  'author',
  'sample',
  'seen',
  'review',
];

/** The fields of a form as a decision: what is as it was is left out, usual reason and note are one text. */
function readForm(form: URLSearchParams): Record<string, unknown> {
  const raw: Record<string, unknown> = {};
  for (const name of PLAIN) {
    const values = form.getAll(name).filter((value) => value !== '');
    if (values.length > 0) raw[name] = name === 'participants' ? values.join('-') : values.at(-1);
  }
  const members = form.getAll('to_participants');
  if (members.length > 0) raw.to_participants = members.join('-');
  const act = form.get('act') ?? '';
  if (act !== '' && act !== form.get('act_was')) raw.act = act;
  const words = [...form].filter(([name, value]) => name.startsWith('words_') && value.trim() !== '');
  if (words.length > 0) raw.words = Object.fromEntries(words.map(([name, value]) => [name.slice(6), value]));
  const reason = [form.get('why') ?? '', form.get('reason') ?? '']
    .map((text) => text.trim())
    .filter((text) => text !== '');
  if (reason.length > 0) raw.reason = reason.join(': ');
  // To agree is reason enough; whoever disagrees says why.
  else if (raw.verdict === 'confirm') raw.reason = 'right as coded';
  return raw;
}

/** The name in the address, else the one that the browser gave with the password. */
function authorOf(c: Context): string {
  const given = c.req.query('author');
  if (given !== undefined) return given.slice(0, MAX_AUTHOR);
  const [, basic = ''] = /^Basic +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? [];
  return Buffer.from(basic, 'base64').toString('utf8').split(':')[0]!.slice(0, MAX_AUTHOR);
}
