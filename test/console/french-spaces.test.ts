import { expect, it } from 'vitest';
import { withFrenchSpaces } from '../../console/src/language/french-spaces.ts';
import { fr } from '../../console/src/language/fr.ts';

it('French texts have no plain space before : ; ? ! and within guillemets', () => {
  expect(withFrenchSpaces({ a: ['Que faire : « {x} » ; ici ?'], b: 'a:b c' })).toEqual({
    a: ['Que faire\u00A0: «\u00A0{x}\u00A0»\u202F; ici\u202F?'],
    b: 'a:b c',
  });
  expect(JSON.stringify(withFrenchSpaces(fr))).not.toMatch(/ [:;?!»]|« /);
});
