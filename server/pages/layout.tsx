/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import { STYLE_PATH } from './style.js';

export interface Frame {
  title: string;
  banner: string | null;
  version: string;
  codebookVersion: string;
  coderVersion: string;
}

/** The frame of every page: one column, a skip link, the banner of a demo world, and where the numbers come from. */
export function Layout({ frame, children }: { frame: Frame; children?: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{frame.title}</title>
        <link rel="stylesheet" href={STYLE_PATH} />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        {frame.banner && (
          <div class="banner" role="note">
            {frame.banner}
          </div>
        )}
        <header class="top">
          <a class="brand" href="/">
            axiswatch
          </a>
          <nav aria-label="Pages">
            <a href="/">Overview</a>
            <a href="/#feeds">Feeds</a>
            <a href="/#items">Items</a>
            <a href="/review">Review</a>
            <a href="/api/v1/openapi.json">API</a>
          </nav>
        </header>
        <main id="main">{children}</main>
        <footer>
          <p>
            axiswatch {frame.version} · codebook {frame.codebookVersion} · coder {frame.coderVersion} · all times UTC
          </p>
        </footer>
      </body>
    </html>
  );
}
