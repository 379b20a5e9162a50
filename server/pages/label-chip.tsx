/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
import type { Codebook } from '../../core/codebook/codebook.js';
import type { LabelBody } from '../api/labels.js';
import { showDyad } from '../words.js';

/** One label in a line: who, what, and whether it happened. Sign and words, never colour alone. */
export function LabelChip({ label, codebook }: { label: LabelBody; codebook: Codebook }) {
  const indicator = codebook.indicators.find((one) => one.id === label.indicator);
  return (
    <li class={label.polarity < 0 ? 'chip friction' : 'chip'}>
      <span class="sign" title={label.polarity < 0 ? 'friction' : 'cooperation'}>
        {label.polarity < 0 ? '▼' : '▲'}
      </span>
      <span class="who">{showDyad(label.participants.join('-'))}</span>
      <span class="what" title={label.indicator}>
        {indicator?.title ?? label.indicator}
      </span>
      <span class={`status ${label.status}`}>{label.status}</span>
    </li>
  );
}
