import { describe, expect, it } from 'vitest';
import { FILTER_NAMES, completions, conditionsOf, filterWords, withWord } from '../../console/src/queue/filter.ts';
import { FILTER_WORDS } from '../../services/index.ts';

describe('the filter of the queue', () => {
  it('completes names, then values of a name, where the cursor is', () => {
    expect(completions('state:open co', 13)).toEqual({ from: 11, options: ['condition:'] });
    expect(completions('condition:eq', 12)).toEqual({ from: 0, options: ['condition:equipment'] });
    expect(completions('sta money:>10', 3)).toEqual({ from: 0, options: ['state:'] });
    expect(completions('state:open', 10).options).toEqual([]);
    expect(completions('line:L1', 7).options).toEqual([]);
  });

  it('knows every word that the API knows', () => {
    expect(Object.keys(FILTER_NAMES).toSorted()).toEqual([...FILTER_WORDS].toSorted());
  });

  it('puts a word in the place of the one before', () => {
    expect(withWord('state:open dupont', 'state', 'decided')).toBe('dupont state:decided');
    expect(withWord('state:open dupont', 'state', null)).toBe('dupont');
    expect(filterWords(' a:b  c ')).toEqual([
      { name: 'a', value: 'b' },
      { name: null, value: 'c' },
    ]);
  });

  it('names conditions in its order, one or several a word', () => {
    expect(conditionsOf('condition:usage-class,reuse state:open condition:equipment')).toEqual([
      'usage-class',
      'reuse',
      'equipment',
    ]);
    expect(conditionsOf('state:open equipment')).toEqual([]);
  });
});
