/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
import { type Context, Hono } from 'hono';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { ParameterReader } from '../../core/trends/parameters.js';
import { readDomains, readDyads } from '../../core/trends/vocabulary.js';
import { listFeedHealth } from '../../db/status.js';
import type { AskContext } from '../api/context.js';
import { askItem, latestItems } from '../api/items.js';
import { MATRIX_PARAMETERS, matrix } from '../api/matrix.js';
import { parametersOf } from '../api/routes.js';
import type { Readiness } from '../api/status.js';
import { feedStatus } from '../api/status.js';
import type { Reviewing } from '../reviewing.js';
import { coveredSources } from '../words.js';
import { ItemPage } from './item.js';
import { Layout } from './layout.js';
import { OverviewPage } from './overview.js';
import { replyPageProblem } from './problem.js';
import { addReviewPages } from './review-routes.js';
import { ICON, STYLE, STYLE_PATH } from './style.js';

const RANGE = MATRIX_PARAMETERS.filter((name) => name !== 'format');
const ITEMS_SHOWN = 15;

export interface PageContext extends AskContext {
  readiness: () => Promise<Readiness>;
  banner?: string | null;
}

/** The pages: server-rendered, no script at all, every state in the address. */
export function pageRoutes(context: PageContext, reviewing: Reviewing): Hono {
  const pages = new Hono();
  addReviewPages(pages, context, reviewing);
  const forever = { 'cache-control': 'public, max-age=31536000, immutable' };
  pages.get(STYLE_PATH, (c) => c.body(STYLE, 200, { ...forever, 'content-type': 'text/css; charset=utf-8' }));
  pages.get('/assets/icon.svg', (c) =>
    c.body(ICON, 200, { 'cache-control': 'public, max-age=86400', 'content-type': 'image/svg+xml' }),
  );
  pages.get('/', (c) => overview(c, context));
  pages.get('/items/:id', async (c) => {
    const asked = await askItem(context, c.req.param('id'));
    if (asked.kind !== 'answer') return replyPageProblem(c, 404, 'No item has this id.');
    return page(
      c,
      context,
      `${asked.body.title} · axiswatch`,
      <ItemPage item={asked.body} codebook={context.codebook} />,
    );
  });
  return pages;
}

async function overview(c: Context, context: PageContext): Promise<Response> {
  const given = parametersOf(c);
  const reader = new ParameterReader(given, [...RANGE, 'dyad', 'domain']);
  const dyads = readDyads(reader, context.codebook);
  const domains = readDomains(reader, context.codebook);
  const range: Record<string, string[]> = {};
  for (const name of RANGE) if (reader.many(name).length > 0) range[name] = reader.many(name);
  if (reader.problems.length > 0)
    return replyPageProblem(c, 400, 'The address asks for something unknown.', reader.problems);
  const now = context.clock.now();
  const [asked, items, feeds] = await Promise.all([
    matrix.ask(context, range),
    latestItems(context, { dyads, domains, limit: ITEMS_SHOWN }),
    listFeedHealth(context.sql, now),
  ]);
  if (asked.kind === 'invalid')
    return replyPageProblem(c, 400, 'The address asks for something unknown.', asked.problems);
  if (asked.kind === 'missing') return replyPageProblem(c, 404, asked.detail);
  return page(
    c,
    context,
    'axiswatch: cooperation and friction',
    <OverviewPage
      codebook={context.codebook}
      matrix={asked.body}
      items={items}
      feeds={feeds.map(feedStatus)}
      sources={coveredSources(feeds, now)}
      dyad={dyads[0] ?? null}
      domain={domains[0] ?? null}
      range={Object.fromEntries(Object.entries(range).map(([name, values]) => [name, values[0] ?? '']))}
      now={now}
    />,
  );
}

export function page(c: Context, context: PageContext, title: string, content: Child): Response | Promise<Response> {
  c.header('cache-control', 'private, no-cache');
  const frame = {
    title,
    banner: context.banner ?? null,
    version: context.version,
    codebookVersion: context.codebook.version,
    coderVersion: context.coderVersion,
  };
  return c.html(
    <>
      {raw('<!doctype html>')}
      <Layout frame={frame}>{content}</Layout>
    </>,
  );
}
