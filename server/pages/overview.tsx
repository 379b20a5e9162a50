/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
import { FeedsSection } from './feeds-section.js';
import { ItemsSection } from './items-section.js';
import { MatrixSection } from './matrix-section.js';
import type { Overview } from './view.js';

/** `/`: who works with whom in what, how well we looked, and the words behind it. */
export function OverviewPage(page: Overview) {
  return (
    <>
      <MatrixSection {...page} />
      <FeedsSection {...page} />
      <ItemsSection {...page} />
    </>
  );
}
