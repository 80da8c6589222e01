import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react';
import { useLanguage } from '../language/language.tsx';
import { focusContent } from '../parts/focus-content.ts';
import { useKeys } from '../parts/keys.ts';
import { Icon } from '../shell/icons.tsx';
import { completions } from './filter.ts';

export interface FilterBoxProps {
  readonly value: string;
  /** A filter applies at once when a word is whole, or with Enter. */
  readonly apply: (filter: string) => void;
}

/** The one filter: words with completion; what it says is in the address. */
export function FilterBox({ value, apply }: FilterBoxProps): ReactNode {
  const { t } = useLanguage();
  const [text, setText] = useState(value);
  const [active, setActive] = useState(-1);
  const [isOpen, setIsOpen] = useState(false);
  const [cursor, setCursor] = useState(value.length);
  const box = useRef<HTMLInputElement | null>(null);
  const id = useId();
  useKeys({ '/': () => box.current?.focus() });

  const { from, options } = completions(text, cursor);
  // The rows are still those of the filter before.
  const isPending = text.trim() !== value.trim();
  const isShown = isOpen && options.length > 0;

  const take = (option: string): void => {
    const isWhole = !option.endsWith(':');
    const next = `${text.slice(0, from)}${option}${isWhole ? ' ' : ''}${text.slice(cursor).trimStart()}`;
    setText(next);
    setCursor(next.length);
    setActive(-1);
    if (isWhole) apply(next.trim());
    box.current?.focus();
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => {
      setIsOpen(true);
      setActive(Math.min(options.length - 1, active + 1));
    },
    ArrowUp: () => setActive(Math.max(-1, active - 1)),
    Escape: () => {
      setIsOpen(false);
      setActive(-1);
      if (isShown) return;
      // What was typed and not applied would be taken for the filter of the rows.
      setText(value);
      setCursor(value.length);
      focusContent();
    },
    Enter: () => {
      const option = isShown ? options[active] : undefined;
      if (option !== undefined) return take(option);
      setIsOpen(false);
      apply(text.trim());
      focusContent();
    },
  };
  const press = (event: KeyboardEvent): void => {
    const action = keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  return (
    <search className="filter">
      <Icon name="search" />
      <input
        ref={box}
        role="combobox"
        aria-expanded={isShown}
        aria-controls={id}
        aria-activedescendant={isShown && active >= 0 ? `${id}-${active}` : undefined}
        aria-autocomplete="list"
        aria-label={t.queue.filter}
        placeholder={t.queue.filterHint}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setCursor(event.target.selectionStart ?? event.target.value.length);
          setIsOpen(true);
          setActive(-1);
        }}
        onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? text.length)}
        onFocus={() => setIsOpen(true)}
        onBlur={() => setIsOpen(false)}
        onKeyDown={press}
      />
      <kbd aria-hidden="true" className={isPending ? 'pending' : undefined}>
        {isPending ? t.queue.toApply : '/'}
      </kbd>
      <div id={id} role="listbox" aria-label={t.queue.filter} className="options filter-options" hidden={!isShown}>
        {options.map((option, index) => (
          // The keyboard is heard by the text box, which owns the list.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={option}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            className="option"
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => take(option)}
          >
            <code>{option}</code>
          </div>
        ))}
      </div>
    </search>
  );
}
