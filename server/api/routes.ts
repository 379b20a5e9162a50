import { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Parameters } from '../../core/trends/parameters.js';
import { ParameterReader } from '../../core/trends/parameters.js';
import { replyProblem } from '../problem.js';
import { etagOf, renderCsv, renderJson } from '../render.js';
import type { Reviewing } from '../reviewing.js';
import type { AskContext, Asked } from './context.js';
import { askItem } from './items.js';
import { postReview } from './post-review.js';
import { type DocumentedQuestion, PARAMETER_DOCS, QUESTIONS } from './questions.js';
import { requestSchema, undoSchema, writtenSchema } from './review-schemas.js';
import { itemSchema, problemSchema, statusSchema } from './schemas.js';
import { askStatus, type Readiness } from './status.js';

/** More values than any form of ours sends; beyond it somebody plays. */
const MOST_VALUES = 200;

/** `/api/v1`: every question as JSON and CSV, one item, the status, and the document that describes them. */
export function apiRoutes(context: AskContext, readiness: () => Promise<Readiness>, reviewing: Reviewing): OpenAPIHono {
  const api = new OpenAPIHono();
  for (const [noun, documented] of Object.entries(QUESTIONS)) {
    document(api, noun, documented);
    api.get(`/${noun}`, (c) => answer(c, context, documented, null));
    api.get(`/${noun}.csv`, (c) => answer(c, context, documented, 'csv'));
  }
  documentRest(api);
  api.get('/items/:id', async (c) => {
    const refused = refuseParameters(c);
    return refused ?? send(c, await askItem(context, c.req.param('id')));
  });
  api.post('/items/:id/reviews', (c) => postReview(c, reviewing, c.req.param('id')));
  api.get('/status', async (c) => {
    const refused = refuseParameters(c);
    return refused ?? send(c, { kind: 'answer', body: await askStatus(context, readiness) });
  });
  api.get('/openapi.json', (c) =>
    c.json(
      api.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'axiswatch',
          version: context.version,
          description:
            'Cooperation and friction among a group of states, counted from news feeds. Days are UTC, ranges half-open; what was not covered is null, never zero.',
        },
        servers: [{ url: '/api/v1' }],
      }),
    ),
  );
  return api;
}

async function answer(
  c: Context,
  context: AskContext,
  { question }: DocumentedQuestion,
  format: 'csv' | null,
): Promise<Response> {
  const parameters = parametersOf(c);
  if (Object.values(parameters).flat().length > MOST_VALUES)
    return replyProblem(c, 400, `A question takes at most ${MOST_VALUES} values.`);
  const asked = await question.ask(context, parameters);
  if (asked.kind !== 'answer') return send(c, asked);
  if (typeof asked.body.next === 'string') c.header('link', `<${nextPage(c, asked.body.next)}>; rel="next"`);
  if (format === 'csv' || parameters.format?.at(-1) === 'csv')
    return send(c, asked, renderCsv(question, asked.body), 'text/csv; charset=utf-8; header=present');
  return send(c, asked);
}

/** Sends an answer with its ETag, or 304 when the client has it, or the problem with the question. */
function send(c: Context, asked: Asked<unknown>, text?: string, type = 'application/json; charset=utf-8'): Response {
  if (asked.kind === 'missing') return replyProblem(c, 404, asked.detail);
  if (asked.kind === 'invalid')
    return replyProblem(c, 400, asked.problems.map((problem) => problem.message).join(' '), asked.problems);
  // JSON and CSV of one body differ, and so must their tags.
  const etag = etagOf(text ?? asked.body);
  c.header('etag', etag);
  c.header('cache-control', 'private, no-cache');
  const known = c.req
    .header('if-none-match')
    ?.split(',')
    .map((tag) => tag.trim());
  if (known?.includes(etag) || known?.includes('*')) return c.body(null, 304);
  return c.body(text ?? renderJson(asked.body), 200, { 'content-type': type });
}

export function parametersOf(c: Context): Parameters {
  return c.req.queries();
}

function refuseParameters(c: Context): Response | null {
  const { problems } = new ParameterReader(parametersOf(c), []);
  return problems.length === 0 ? null : replyProblem(c, 400, 'This address takes no parameters.', problems);
}

function nextPage(c: Context, cursor: string): string {
  const url = new URL(c.req.url);
  url.searchParams.set('cursor', cursor);
  return `${url.pathname}${url.search}`;
}

const PROBLEM = {
  description: 'What is wrong, what is allowed and what was probably meant (RFC 9457)',
  content: { 'application/problem+json': { schema: problemSchema } },
};

function document(api: OpenAPIHono, noun: string, { question, summary, schema }: DocumentedQuestion): void {
  const value = z.union([z.string(), z.array(z.string())]).optional();
  api.openAPIRegistry.registerPath({
    method: 'get',
    path: `/${noun}`,
    summary,
    request: {
      query: z.object(
        Object.fromEntries(
          question.parameters.map((name) => [name, value.openapi({ description: PARAMETER_DOCS[name] ?? name })]),
        ),
      ),
    },
    responses: {
      200: { description: summary, content: { 'application/json': { schema }, 'text/csv': { schema: z.string() } } },
      400: PROBLEM,
    },
  });
}

function documentRest(api: OpenAPIHono): void {
  api.openAPIRegistry.registerPath({
    method: 'get',
    path: '/items/{id}',
    summary: 'One item and why it was labelled so',
    request: { params: z.object({ id: z.string() }) },
    responses: {
      200: { description: 'The item', content: { 'application/json': { schema: itemSchema } } },
      404: PROBLEM,
    },
  });
  api.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  api.openAPIRegistry.registerPath({
    method: 'post',
    path: '/items/{id}/reviews',
    summary: 'Confirm, reject, correct or add a label, or undo a decision',
    security: [{ token: [] }],
    request: {
      params: z.object({ id: z.string() }),
      body: { required: true, content: { 'application/json': { schema: z.union([requestSchema, undoSchema]) } } },
    },
    responses: {
      200: { description: 'What was decided', content: { 'application/json': { schema: writtenSchema } } },
      400: PROBLEM,
      401: PROBLEM,
      403: PROBLEM,
      404: PROBLEM,
      409: PROBLEM,
      415: PROBLEM,
    },
  });
  api.openAPIRegistry.registerPath({
    method: 'get',
    path: '/status',
    summary: 'Feeds, versions, lag',
    responses: { 200: { description: 'The status', content: { 'application/json': { schema: statusSchema } } } },
  });
}
