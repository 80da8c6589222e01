import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, memo, useEffect, useRef, useState } from 'react';
import { type CasePage, type ListedCase, caseKey } from '../api/cases.ts';
import { named, useLanguage } from '../language/language.tsx';
import { fill, visibleText } from '../language/text.ts';
import { isZero } from '../language/money.ts';
import { PlainLink, caseAddress } from '../parts/plain-link.tsx';
import { StateChip } from '../parts/state-chip.tsx';
import { usePreference } from '../shell/preferences.ts';
import { type Selection, isChosen, select, selectWhole, setCursor, toggleSelected, useSelection } from './selection.ts';

const ROW_HEIGHTS: Readonly<Record<string, number>> = { dense: 34, airy: 44 };
/** Rows made on each side of what is in sight: a hand that scrolls sees none that is missing. */
const OVERSCAN = 12;
const DAY_MS = 86_400_000;

/**
 * What the parts of the table are to those who hear them. The styles give each row a place and columns of its own, and
 * then some browsers no longer take them for the parts of a table.
 */
const AS = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  head: { role: 'columnheader' },
  cell: { role: 'cell' },
} as const;

export interface CaseTableProps {
  readonly cases: readonly ListedCase[];
  readonly page: CasePage;
  readonly filter: string;
  /** Which row the keyboard is on. */
  readonly at: number;
  /** Asks for the next page. */
  readonly more: (() => void) | null;
}

/** The queue as a table; rows that are out of sight are not made. */
export function CaseTable({ cases, page, filter, at, more }: CaseTableProps): ReactNode {
  const { t } = useLanguage();
  const [density] = usePreference('density');
  const selected = useSelection(filter);
  const scroller = useRef<HTMLDivElement | null>(null);
  const height = ROW_HEIGHTS[density] ?? 34;
  // The React compiler, which this is about, is not used here.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: cases.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    // The head is within what scrolls, and stays: the last row is to stand clear of the edge.
    scrollPaddingEnd: height,
  });
  useEffect(() => rows.measure(), [height, rows]);
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at);
  }, [at, rows]);
  const shown = rows.getVirtualItems();
  const last = shown.at(-1);
  useEffect(() => {
    if (last !== undefined && last.index >= cases.length - 20) more?.();
  }, [last, cases.length, more]);
  const { columns } = t.queue;
  // Ages are in days: they need no clock that runs.
  const [now] = useState(() => Date.now());
  return (
    <div className="table-scroll" ref={scroller}>
      <table className="cases" {...AS.table} aria-rowcount={cases.length + 1}>
        <caption className="unseen">{t.queue.caption}</caption>
        <thead {...AS.group}>
          <tr {...AS.row}>
            <Head className="col-select">
              <span className="unseen">{columns.select}</span>
              <SelectAll filter={filter} chosen={selected} />
            </Head>
            <Head className="number" sort="descending">
              {columns.atStake}
            </Head>
            <Head className="number col-wide">{columns.calls}</Head>
            <Head>{columns.line}</Head>
            <Head className="col-wide">{columns.customer}</Head>
            <Head>{columns.conditions}</Head>
            <Head className="col-wide">{columns.month}</Head>
            <Head className="col-wide">{columns.since}</Head>
            <Head className="number col-wide">{columns.age}</Head>
            <Head className="col-wide">{columns.assignee}</Head>
            <Head>{columns.state}</Head>
          </tr>
        </thead>
        <tbody {...AS.group} style={{ height: rows.getTotalSize(), paddingTop: shown[0]?.start ?? 0 }}>
          {shown.map(({ index }) => {
            const each = cases[index];
            return each === undefined ? null : (
              <CaseRow
                key={caseKey(each)}
                each={each}
                currency={page.currency}
                timeZone={page.timeZone}
                filter={filter}
                index={index}
                isActive={index === at}
                isSelected={isChosen(selected, caseKey(each))}
                now={now}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface HeadProps {
  readonly className?: string;
  readonly sort?: 'descending';
  readonly children: ReactNode;
}

function Head({ className, sort, children }: HeadProps): ReactNode {
  return (
    <th scope="col" {...AS.head} className={className} aria-sort={sort}>
      {children}
    </th>
  );
}

/** Chooses all of the filter, or nothing; of some of it, it says so. */
function SelectAll({ filter, chosen }: { readonly filter: string; readonly chosen: Selection }): ReactNode {
  const { t } = useLanguage();
  const isAll = chosen.kind === 'filter' && chosen.except.size === 0;
  const isSome = chosen.kind === 'filter' ? !isAll : chosen.keys.size > 0;
  const box = useRef<HTMLInputElement | null>(null);
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = isSome;
  }, [isSome]);
  return (
    <input
      ref={box}
      type="checkbox"
      checked={isAll}
      aria-label={t.queue.selectWhole}
      title={t.queue.selectWhole}
      onChange={() => (isAll ? select([]) : selectWhole(filter))}
    />
  );
}

interface CaseRowProps {
  readonly each: ListedCase;
  readonly currency: string;
  readonly timeZone: string;
  readonly filter: string;
  readonly index: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  /** ms since the epoch. */
  readonly now: number;
}

/** Kept as it is while its case, its place and its choice are the same: scrolling makes new rows only. */
const CaseRow = memo(function CaseRow(row: CaseRowProps): ReactNode {
  const { each, currency, timeZone, filter, index, isActive, isSelected, now } = row;
  const { t, f } = useLanguage();
  const { line, period, atStake, atStakeCalls, charged, since } = each;
  const key = caseKey(each);
  const age = since === null ? null : Math.max(0, Math.floor((now - Date.parse(since)) / DAY_MS));
  return (
    <tr
      {...AS.row}
      aria-rowindex={index + 2}
      className={`${isActive ? 'active' : ''} ${isSelected ? 'selected' : ''}`}
      onFocus={() => setCursor(key)}
    >
      <td {...AS.cell} className="col-select">
        <input
          type="checkbox"
          checked={isSelected}
          aria-label={fill(t.queue.select, { line })}
          onChange={() => toggleSelected(each, filter)}
        />
      </td>
      {charged !== null && charged.calls > 0 ? (
        <ChargedCells calls={charged.calls} money={f.money(charged.charge, currency)} />
      ) : (
        <>
          <td {...AS.cell} className={isZero(atStake) ? 'number money nothing' : 'number money'}>
            {f.money(atStake, currency)}
          </td>
          <td {...AS.cell} className="number col-wide">
            {f.count(atStakeCalls)}
          </td>
        </>
      )}
      <td {...AS.cell}>
        <PlainLink
          href={caseAddress(line, period, filter)}
          className="row-link"
          aria-current={isActive ? 'true' : undefined}
        >
          {line}
        </PlainLink>
      </td>
      <td {...AS.cell} className="customer col-wide" title={`${visibleText(each.accountName)} (${each.account})`}>
        {visibleText(each.accountName)}
      </td>
      <td
        {...AS.cell}
        className="conditions"
        title={each.conditions.map((condition) => named(t.condition, condition)).join(', ')}
      >
        <div className="tags">
          {each.conditions.map((condition) => (
            <span key={condition} className={`tag tag-${condition}`}>
              <span className="tag-name">{named(t.condition, condition)}</span>
              <HowFar over={each.over.find((far) => far.condition === condition)} />
            </span>
          ))}
        </div>
      </td>
      <td {...AS.cell} className="quiet-cell col-wide">
        {f.shortMonth(period)}
      </td>
      <td {...AS.cell} className="quiet-cell col-wide" title={since === null ? '' : f.instant(since, timeZone)}>
        {since === null ? '' : f.shortDayOf(since, timeZone)}
      </td>
      <td {...AS.cell} className="number quiet-cell col-wide">
        {age === null ? '' : f.plural(t.queue.days, age)}
      </td>
      <td {...AS.cell} className="quiet-cell assignee col-wide">
        {each.assignee ?? ''}
      </td>
      <td {...AS.cell}>
        <StateChip state={each.state} />
        {each.snoozedUntil !== null && Date.parse(each.snoozedUntil) > now && (
          <span className="quiet-cell">
            {' '}
            {fill(t.case.snoozedUntil, { day: f.shortDayOf(each.snoozedUntil, timeZone) })}
          </span>
        )}
      </td>
    </tr>
  );
});

/** Where nothing is at stake: what dismissing could give back, as it is charged already. */
function ChargedCells({ calls, money }: { readonly calls: number; readonly money: string }): ReactNode {
  const { t, f } = useLanguage();
  const hint = fill(t.queue.chargedHint, { calls: f.plural(t.verdict.calls, calls), money });
  return (
    <>
      <td {...AS.cell} className="number money nothing" title={hint}>
        {money} <small>{t.queue.charged}</small>
      </td>
      <td {...AS.cell} className="number quiet-cell col-wide" title={hint}>
        {f.count(calls)}
      </td>
    </>
  );
}

/** `163/150 numbers`: what was measured, and what is allowed. */
function HowFar({ over }: { readonly over: ListedCase['over'][number] | undefined }): ReactNode {
  const { t, f } = useLanguage();
  if (over === undefined) return null;
  const { measure, value, most } = over;
  // Shares are told in thousandths.
  const scale = measure === 'per-mille' ? 10 : 1;
  return <b>{fill(t.queue.over[measure], { value: f.count(value / scale), most: f.count(most / scale) })}</b>;
}
