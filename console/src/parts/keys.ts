import { useEffect, useRef } from 'react';
import { preference } from '../shell/preferences.ts';

/** What keys do, by `event.key`: the sign, wherever the keyboard has it. */
export type KeyActions = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/** Keys that go on while they are held down; of others, one press is one deed. */
const GOES_ON: ReadonlySet<string> = new Set(['j', 'k', 'ArrowDown', 'ArrowUp']);
/** The key that did something last and may still be held: what it repeats is typed nowhere, wherever the focus went. */
let held: string | null = null;

/**
 * Listens for keys while the component is shown. Not while somebody types, not in a dialog, not with Ctrl, Alt or Meta,
 * and not when shortcuts are turned off.
 */
export function useKeys(actions: KeyActions): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.repeat && !GOES_ON.has(event.key)) {
        if (event.key === held) event.preventDefault();
        return;
      }
      if (!event.defaultPrevented) held = null;
      const action = latest.current[event.key];
      if (action === undefined || event.defaultPrevented || !isMeant(event)) return;
      event.preventDefault();
      held = event.key;
      action(event);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}

function isMeant(event: KeyboardEvent): boolean {
  if (preference('keys') === 'off' || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return false;
  const { target } = event;
  if (!(target instanceof Element)) return true;
  if (target.closest('input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=menu]') !== null) {
    return false;
  }
  if (document.querySelector('[role=dialog], [role=alertdialog]') !== null) return false;
  // Enter and Space on a button or a link are that button's.
  return !(event.key === 'Enter' && target.closest('button, a, summary') !== null);
}
