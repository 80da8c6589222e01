import type { FastifyInstance } from 'fastify';
import { REFUSALS } from '../../services/index.ts';
import { HTTP_PROBLEMS, type Problem, httpProblem, refusalProblem } from '../problem.ts';

/** The page that the `type` of each problem leads to: what its code means, and what to do. */
export function addProblemPages(app: FastifyInstance): void {
  const page = pageOfProblems();
  app.get('/docs/refusals', { config: { scope: 'open' }, schema: { hide: true } }, (_, reply) =>
    reply.type('text/html; charset=utf-8').send(page),
  );
}

function pageOfProblems(): string {
  const ofHttp = Object.keys(HTTP_PROBLEMS) as (keyof typeof HTTP_PROBLEMS)[];
  const ofServices = Object.keys(REFUSALS) as (keyof typeof REFUSALS)[];
  const items = [
    ...ofHttp.map((code) => itemOf(httpProblem(code, ''))),
    ...ofServices.map((code) => itemOf(refusalProblem({ kind: 'refused', code, values: {} } as never, []))),
  ];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Fairtally: problems</title></head>
<body>
<h1>Problems</h1>
<p>What the API answers that is no success, by the code that programs go by.</p>
<dl>
${items.join('\n')}
</dl>
</body>
</html>
`;
}

function itemOf({ code, status, title, remedy }: Problem): string {
  const does = remedy === undefined ? '' : ` <em>Do:</em> ${escaped(remedy)}`;
  return `<dt id="${code}"><code>${code}</code> (${status})</dt><dd>${escaped(title)}.${does}</dd>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
