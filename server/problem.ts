import type { Context } from 'hono';
import type { ParameterProblem } from '../core/trends/parameters.js';

/** Statuses that the server answers with a problem. */
export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 414 | 415 | 500 | 503 | 504;

const TITLES: Record<ProblemStatus, string> = {
  400: 'The question has a mistake',
  401: 'A token is needed',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Something changed meanwhile',
  413: 'The request is too large',
  414: 'The address is too long',
  415: 'Another kind of content is expected',
  500: 'Something broke here',
  503: 'Not ready',
  504: 'The answer took too long',
};

/** RFC 9457: `application/problem+json` with what is wrong, what is allowed and what was probably meant. */
export function replyProblem(
  c: Context,
  status: ProblemStatus,
  detail: string,
  errors: ParameterProblem[] = [],
): Response {
  const body = { type: 'about:blank', title: TITLES[status], status, detail, instance: c.req.path, errors };
  return c.body(`${JSON.stringify(body)}\n`, status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
  });
}

export function titleOf(status: ProblemStatus): string {
  return TITLES[status];
}
