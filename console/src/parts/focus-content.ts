/** Gives the focus to the page itself: what had it is gone, and the next key is to go on from the top. */
export function focusContent(): void {
  document.querySelector<HTMLElement>('#content')?.focus({ preventScroll: true });
}
