/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
import type { Context } from 'hono';
import { raw } from 'hono/html';
import type { ParameterProblem } from '../../core/trends/parameters.js';
import { type ProblemStatus, titleOf } from '../problem.js';
import { STYLE_PATH } from './style.js';

/** A problem as a page: what is wrong and where to go on. Needs neither database nor codebook. */
export function replyPageProblem(
  c: Context,
  status: ProblemStatus,
  detail: string,
  errors: ParameterProblem[] = [],
): Response | Promise<Response> {
  c.status(status);
  c.header('cache-control', 'no-store');
  return c.html(
    <>
      {raw('<!doctype html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{titleOf(status)} · axiswatch</title>
          <link rel="stylesheet" href={STYLE_PATH} />
        </head>
        <body>
          <header class="top">
            <a class="brand" href="/">
              axiswatch
            </a>
          </header>
          <main id="main">
            <h1>{titleOf(status)}</h1>
            <p>{detail}</p>
            {errors.length > 0 && (
              <ul>
                {errors.map((error) => (
                  <li>
                    <strong>{error.parameter}</strong>: {error.message}
                  </li>
                ))}
              </ul>
            )}
            <p>
              <a href="/">Back to the overview</a>
            </p>
          </main>
        </body>
      </html>
    </>,
  );
}
