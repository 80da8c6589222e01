/** How a person starts this program from the checkout: suggestions can be copied as they are. */
export const PROGRAM = 'npx fairtally';
