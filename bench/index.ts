import { benchRating } from './rating.ts';

await benchRating();
