/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
import type { Codebook } from '../../core/codebook/codebook.js';
import type { ParameterProblem } from '../../core/trends/parameters.js';
import type { QueuedLabel, QueueQuery } from '../../db/review-queue.js';
import { QUEUE_KINDS } from '../../db/review-queue.js';
import type { ItemDetailBody } from '../api/items.js';
import type { ExplainedLabel } from '../api/labels.js';
import type { ReviewBody } from '../api/review-bodies.js';
import type { PrecisionBody } from '../api/reviews.js';
import { safeLink, showDay, showDyad, showPercent, showTime } from '../words.js';
import { Highlighted } from './highlighted.js';
import { LabelChip } from './label-chip.js';
import { OriginalLink } from './original-link.js';
import { AddForm, CorrectForm, UndoForm, VerdictForm } from './review-forms.js';
import { itemLink, KIND_WORDS, queueLink, type ReviewState, titleOf, wait } from './review-view.js';

export interface QueueView {
  labels: QueuedLabel[];
  sample: string | null;
  query: QueueQuery;
  precision: PrecisionBody;
  state: ReviewState;
  /** False where decisions cannot be written, with the reason. */
  refusal: string | null;
  /** Item that was just decided on. */
  done: string | null;
  codebook: Codebook;
}

/** `/review`: what waits for a person, most worth a look first. */
export function QueuePage({ labels, sample, query, precision, state, refusal, done, codebook }: QueueView) {
  const total = labels[0]?.total ?? 0;
  return (
    <>
      <h1>Review</h1>
      <p class="lead">
        {sample
          ? `A random sample: ${sample}. Decisions on it say how often all labels are right, not only the doubtful ones.`
          : `${wait(total)} for a person, most worth a look first${labels.length < total ? `; ${labels.length} are shown` : ''}.`}{' '}
        A decision supersedes the coder's label, with your name and reason, and can be undone.
      </p>
      {refusal && <p class="empty">{refusal}</p>}
      {done && (
        <p class="done" role="status">
          Decided. <a href={itemLink(state, done)}>See it or undo it</a>
        </p>
      )}
      <nav class="ranges" aria-label="What to look at">
        <a
          href={queueLink({ ...state, queue: new URLSearchParams() })}
          aria-current={!sample && query.kinds.length === 0 ? 'page' : undefined}
        >
          All
        </a>
        {QUEUE_KINDS.map((kind) => (
          <a
            href={queueLink({ ...state, queue: new URLSearchParams({ status: kind }) })}
            aria-current={!sample && query.kinds.join() === kind ? 'page' : undefined}
          >
            {kind}
          </a>
        ))}
        <a
          href={queueLink({ ...state, queue: new URLSearchParams({ sample: '50', seed: '1' }) })}
          aria-current={sample ? 'page' : undefined}
        >
          random sample
        </a>
      </nav>
      <Precision body={precision} codebook={codebook} />
      {labels.length === 0 && <p class="empty">Nothing waits here.</p>}
      {labels.map((label) => (
        <Entry label={label} sample={sample} state={state} canWrite={refusal === null} codebook={codebook} />
      ))}
    </>
  );
}

function Precision({ body, codebook }: { body: PrecisionBody; codebook: Codebook }) {
  const { overall, sampled, per_indicator } = body;
  if (overall.decided === 0) return null;
  return (
    <>
      <p class="meta">
        So far {overall.confirmed} of {overall.decided} reviewed labels were right ({showPercent(overall.precision, 0)},
        95 % interval {showPercent(overall.low, 0)} to {showPercent(overall.high, 0)})
        {sampled.decided > 0
          ? `; of the randomly drawn ${sampled.confirmed} of ${sampled.decided}`
          : '; none of them randomly drawn, so this is not the precision of all labels'}
        .
      </p>
      <details>
        <summary>By act</summary>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">Act</th>
              <th scope="col">Right</th>
              <th scope="col">95 % interval</th>
              <th scope="col">Decided</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(per_indicator).map(([indicator, figure]) => (
              <tr>
                <th scope="row">{titleOf(codebook, indicator)}</th>
                <td>{showPercent(figure.precision, 0)}</td>
                <td>
                  {showPercent(figure.low, 0)} to {showPercent(figure.high, 0)}
                </td>
                <td>{figure.decided}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p class="meta">
          Pairs, languages and versions of the coder: <a href="/api/v1/precision">as JSON</a>,{' '}
          <a href="/api/v1/precision.csv">as CSV</a>
        </p>
      </details>
    </>
  );
}

interface EntryView {
  label: QueuedLabel;
  sample: string | null;
  state: ReviewState;
  canWrite: boolean;
  codebook: Codebook;
}

function Entry({ label, sample, state, canWrite, codebook }: EntryView) {
  const lang = label.language ?? undefined;
  const polarity = codebook.indicators.find(({ id }) => id === label.indicator)?.polarity ?? 1;
  const form = { ...label, direction: null, severity: 2 };
  return (
    <article class="review" aria-label={`${label.indicator} ${label.participants.join(', ')}`}>
      <ul class="chips">
        <LabelChip label={{ ...form, polarity, decision: null }} codebook={codebook} />
      </ul>
      <Definition indicator={label.indicator} codebook={codebook} />
      {label.kinds.length > 0 && <p class="reasons">{label.kinds.map((kind) => KIND_WORDS[kind]).join(' ')}</p>}
      <h3 lang={lang} dir="auto">
        <Highlighted text={label.title} field="title" evidence={label.evidence} />
      </h3>
      {label.summary !== '' && (
        <p class="summary" lang={lang} dir="auto">
          <Highlighted text={label.summary} field="summary" evidence={label.evidence} />
        </p>
      )}
      <p class="meta">
        <span dir="auto">{label.sourceName}</span> · {showDay(label.day)} · confidence {label.confidence.toFixed(2)} by{' '}
        {label.coder} {label.coderVersion}
        {label.review && ` · decision ${label.review.id}: ${label.review.verdict} by ${label.review.author}`}
      </p>
      {canWrite && (
        <VerdictForm
          item={label.item}
          label={form}
          state={state}
          seen={label.seen}
          sample={sample}
          next="queue"
          was={label.review?.verdict ?? null}
        />
      )}
      <p>
        <a href={itemLink(state, label.item)}>Correct it, add a label, see what was decided</a>
      </p>
    </article>
  );
}

export interface ReviewItemView {
  item: ItemDetailBody;
  codebook: Codebook;
  state: ReviewState;
  refusal: string | null;
  problems: ParameterProblem[];
  /** What kept a decision from being written, when it was not a mistake in it. */
  conflict: string | null;
}

/** `/review/{id}`: one item with its labels, forms to decide on each, and everything that was decided. */
export function ReviewItemPage({ item, codebook, state, refusal, problems, conflict }: ReviewItemView) {
  const lang = item.language ?? undefined;
  const seen = Math.max(0, ...item.reviews.map(({ id }) => id));
  const link = safeLink(item.url);
  const canWrite = refusal === null && item.removed_at === null;
  return (
    <>
      <p class="crumbs">
        <a href={queueLink(state)}>What waits for review</a>
      </p>
      {(problems.length > 0 || conflict) && (
        <div class="problems" role="alert">
          <strong>Nothing was decided.</strong>
          {conflict && <p>{conflict}</p>}
          <ul>
            {problems.map(({ parameter, message }) => (
              <li>
                {parameter.replaceAll('_', ' ')}: {message}
              </li>
            ))}
          </ul>
        </div>
      )}
      <h1 lang={lang} dir="auto">
        {item.title}
      </h1>
      {item.summary !== '' && (
        <p class="summary" lang={lang} dir="auto">
          {item.summary}
        </p>
      )}
      <p class="meta">
        <span dir="auto">{item.source_name}</span> · {showDay(item.day)} ·{' '}
        <a href={`/items/${item.id}`}>Why these labels</a>
        <OriginalLink href={link} />
      </p>
      {refusal && <p class="empty">{refusal}</p>}
      {item.removed_at && <p class="empty">Removed here: nothing counts this item any more.</p>}
      <section aria-labelledby="labels">
        <h2 id="labels">Labels</h2>
        {item.labels.length === 0 && <p class="empty">No label stands.</p>}
        {item.labels.map((label) => (
          <Standing label={label} item={item} codebook={codebook} state={state} seen={seen} canWrite={canWrite} />
        ))}
        {canWrite && (
          <details>
            <summary>Add a label that is missing</summary>
            <div class="review">
              <AddForm item={item.id} state={state} seen={seen} codebook={codebook} />
            </div>
          </details>
        )}
      </section>
      {item.reviews.length > 0 && (
        <section aria-labelledby="decided">
          <h2 id="decided">What was decided</h2>
          <ol class="decisions">
            {item.reviews.map((review) => (
              <Decided review={review} state={state} canWrite={canWrite} />
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

interface StandingView {
  label: ExplainedLabel;
  item: ItemDetailBody;
  codebook: Codebook;
  state: ReviewState;
  seen: number;
  canWrite: boolean;
}

function Standing({ label, item, codebook, state, seen, canWrite }: StandingView) {
  const lang = item.language ?? undefined;
  const { decision } = label;
  return (
    <article class="review" aria-label={`${label.indicator} ${label.participants.join(', ')}`}>
      <ul class="chips">
        <LabelChip label={label} codebook={codebook} />
      </ul>
      <Definition indicator={label.indicator} codebook={codebook} />
      {decision && label.revision < item.revision && <p class="reasons">{KIND_WORDS.edited}</p>}
      <blockquote lang={lang} dir="auto">
        <Highlighted text={item.title} field="title" evidence={label.evidence} />
        {item.summary !== '' && (
          <>
            <br />
            <Highlighted text={item.summary} field="summary" evidence={label.evidence} />
          </>
        )}
      </blockquote>
      <p class="meta">
        severity {label.severity}
        {label.direction && ` · ${label.direction.replace('>', ' → ')}`} ·{' '}
        {decision
          ? `decision ${decision.id} of ${decision.author}: ${decision.reason}`
          : `confidence ${label.confidence.toFixed(2)} by ${label.coder} ${label.coder_version}`}
      </p>
      {canWrite && (
        <>
          <VerdictForm
            item={item.id}
            label={label}
            state={state}
            seen={seen}
            sample={null}
            next="item"
            was={decision?.verdict ?? null}
          />
          <details>
            <summary>Correct it</summary>
            <CorrectForm item={item.id} label={label} state={state} seen={seen} sample={null} codebook={codebook} />
          </details>
        </>
      )}
    </article>
  );
}

/** What the act is by the codebook: reviewers judge by it, not by taste. */
function Definition({ indicator, codebook }: { indicator: string; codebook: Codebook }) {
  const found = codebook.indicators.find(({ id }) => id === indicator);
  return found ? (
    <p class="definition">
      <strong>{found.id}</strong>: {found.definition}
    </p>
  ) : null;
}

function Decided({ review, state, canWrite }: { review: ReviewBody; state: ReviewState; canWrite: boolean }) {
  const stands = review.superseded_at === null;
  return (
    <li class={stands ? undefined : 'past'}>
      <strong>
        {review.id}: {review.verdict}
      </strong>{' '}
      {review.indicator} {showDyad(review.dyad)} ·{' '}
      {review.coder === 'human' ? review.author : `${review.coder} ${review.coder_version}`},{' '}
      {showTime(review.reviewed_at)}: <span dir="auto">{review.reason}</span>
      {review.restores && ` (decision ${review.restores} again)`}
      {!stands && ' · superseded'}
      {stands && review.verdict !== 'undo' && canWrite && (
        <details>
          <summary>Undo</summary>
          <UndoForm item={review.item} review={review.id} state={state} />
        </details>
      )}
    </li>
  );
}
