/** @jsxRuntime automatic */ /** @jsxImportSource hono/jsx */
import { type Codebook, STATUSES } from '../../core/codebook/codebook.js';
import type { EvidenceSpan } from '../../core/coder/label.js';
import { MAX_AUTHOR, MAX_REASON } from '../../core/review/decision.js';
import { type ReviewState, USUAL_REASONS } from './review-view.js';

/** A label that a form is about. */
export interface FormLabel {
  indicator: string;
  participants: string[];
  status: string;
  severity: number;
  direction: string | null;
  evidence: EvidenceSpan[];
}

/** Who decides and why: in every form. */
function Why({ state }: { state: ReviewState }) {
  return (
    <>
      <label>
        Your name
        <input name="author" value={state.author} required maxlength={MAX_AUTHOR} autocomplete="name" size={16} />
      </label>
      <label>
        Reason
        <select name="why">
          <option value="">in my own words</option>
          {USUAL_REASONS.map((reason) => (
            <option>{reason}</option>
          ))}
        </select>
      </label>
      <label class="wide">
        Note
        <input name="reason" maxlength={MAX_REASON - 60} autocomplete="off" />
      </label>
    </>
  );
}

function Hidden({
  label,
  state,
  seen,
  sample,
}: {
  label: FormLabel | null;
  state: ReviewState;
  seen: number;
  sample: string | null;
}) {
  return (
    <>
      {label && <input type="hidden" name="indicator" value={label.indicator} />}
      {label && <input type="hidden" name="participants" value={label.participants.join('-')} />}
      <input type="hidden" name="seen" value={String(seen)} />
      <input type="hidden" name="queue" value={String(state.queue)} />
      {sample && <input type="hidden" name="sample" value={sample} />}
    </>
  );
}

interface FormOf {
  item: string;
  label: FormLabel;
  state: ReviewState;
  seen: number;
  sample: string | null;
}

/**
 * Yes or no to a label; `next` is where its page goes on after the decision. `was` is the verdict that stands, if any: to confirm a
 * rejection is to reject again.
 */
export function VerdictForm({
  item,
  label,
  state,
  seen,
  sample,
  next,
  was,
}: FormOf & { next: 'queue' | 'item'; was: string | null }) {
  return (
    <form method="post" action={`/review/${item}`}>
      <Hidden label={label} state={state} seen={seen} sample={sample} />
      <input type="hidden" name="next" value={next} />
      <div class="fields">
        <Why state={state} />
      </div>
      <div class="buttons">
        <button class={was === 'reject' ? undefined : 'main'} name="verdict" value="confirm" type="submit">
          {was === 'reject' ? 'The label is right now' : 'Confirm'}
        </button>
        <button class={was === 'reject' ? 'main' : undefined} name="verdict" value="reject" type="submit">
          {was === 'reject' ? 'Reject again' : 'Reject'}
        </button>
      </div>
    </form>
  );
}

/** What the label should have been; what stands there is what it says now. */
export function CorrectForm({ item, label, state, seen, sample, codebook }: FormOf & { codebook: Codebook }) {
  const act = label.evidence.find((span) => span.for === 'act')?.text ?? '';
  return (
    <form method="post" action={`/review/${item}`}>
      <Hidden label={label} state={state} seen={seen} sample={sample} />
      <input type="hidden" name="next" value="item" />
      <input type="hidden" name="act_was" value={act} />
      <div class="fields">
        <Indicators name="to_indicator" chosen={label.indicator} codebook={codebook} />
        <Statuses chosen={label.status} />
        <Severities chosen={label.severity} />
        <label>
          Direction
          <select name="to_direction">
            <option value="">{label.direction ? `as it is (${label.direction})` : 'not told'}</option>
            <option value="mutual">mutual</option>
            {codebook.dyads.flatMap((dyad) => {
              const [a, b] = dyad.split('-');
              return [`${a}>${b}`, `${b}>${a}`].map((value) => (
                <option value={value}>{value.replace('>', ' → ')}</option>
              ));
            })}
          </select>
        </label>
        <Members name="to_participants" chosen={label.participants} codebook={codebook} />
      </div>
      <div class="fields">
        <label class="wide">
          Words of the act
          <input name="act" value={act} maxlength={500} autocomplete="off" dir="auto" />
        </label>
      </div>
      <Words codebook={codebook} />
      <div class="fields">
        <Why state={state} />
      </div>
      <div class="buttons">
        <button class="main" name="verdict" value="correct" type="submit">
          Correct
        </button>
      </div>
    </form>
  );
}

/** A label that no coder gave. */
export function AddForm({
  item,
  state,
  seen,
  codebook,
}: {
  item: string;
  state: ReviewState;
  seen: number;
  codebook: Codebook;
}) {
  return (
    <form method="post" action={`/review/${item}`}>
      <Hidden label={null} state={state} seen={seen} sample={null} />
      <input type="hidden" name="next" value="item" />
      <div class="fields">
        <Indicators name="indicator" chosen={null} codebook={codebook} />
        <Statuses chosen="occurred" />
        <Severities chosen={null} />
        <Members name="participants" chosen={[]} codebook={codebook} />
      </div>
      <div class="fields">
        <label class="wide">
          Words of the act
          <input name="act" required maxlength={500} autocomplete="off" dir="auto" />
        </label>
      </div>
      <Words codebook={codebook} />
      <div class="fields">
        <Why state={state} />
      </div>
      <div class="buttons">
        <button class="main" name="verdict" value="add" type="submit">
          Add the label
        </button>
      </div>
    </form>
  );
}

export function UndoForm({ item, review, state }: { item: string; review: number; state: ReviewState }) {
  return (
    <form method="post" action={`/review/${item}`}>
      <input type="hidden" name="review" value={String(review)} />
      <input type="hidden" name="queue" value={String(state.queue)} />
      <input type="hidden" name="next" value="item" />
      <div class="fields">
        <label>
          Your name
          <input name="author" value={state.author} required maxlength={MAX_AUTHOR} autocomplete="name" size={16} />
        </label>
        <label class="wide">
          Why undo it
          <input name="reason" required maxlength={MAX_REASON} autocomplete="off" />
        </label>
        <button name="verdict" value="undo" type="submit">
          Undo decision {review}
        </button>
      </div>
    </form>
  );
}

function Indicators({ name, chosen, codebook }: { name: string; chosen: string | null; codebook: Codebook }) {
  return (
    <label class="wide">
      Act
      <select name={name}>
        {codebook.domains.map((domain) => (
          <optgroup label={domain.name}>
            {codebook.indicators
              .filter((indicator) => indicator.domain === domain.name)
              .map(({ id, title, polarity }) => (
                <option value={id} selected={id === chosen}>
                  {title}
                  {polarity < 0 ? ' (friction)' : ''}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

function Statuses({ chosen }: { chosen: string }) {
  return (
    <label>
      Status
      <select name="to_status">
        {STATUSES.map((status) => (
          <option selected={status === chosen}>{status}</option>
        ))}
      </select>
    </label>
  );
}

function Severities({ chosen }: { chosen: number | null }) {
  return (
    <label>
      Severity
      <select name="to_severity">
        {chosen === null && <option value="">as usual</option>}
        {[1, 2, 3, 4, 5].map((severity) => (
          <option selected={severity === chosen}>{severity}</option>
        ))}
      </select>
    </label>
  );
}

function Members({ name, chosen, codebook }: { name: string; chosen: string[]; codebook: Codebook }) {
  return (
    <fieldset class="group">
      <legend>Who takes part</legend>
      <div>
        {codebook.members.map((member) => (
          <label>
            <input type="checkbox" name={name} value={member.code} checked={chosen.includes(member.code)} />
            {member.name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Only needed where the coder does not find the name by itself. */
function Words({ codebook }: { codebook: Codebook }) {
  return (
    <details>
      <summary>Words that name a member, where its name is not found</summary>
      <div class="fields">
        {codebook.members.map((member) => (
          <label>
            {member.name}
            <input name={`words_${member.code}`} maxlength={500} autocomplete="off" dir="auto" />
          </label>
        ))}
      </div>
    </details>
  );
}
