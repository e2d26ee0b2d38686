import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Clock } from '../clock.ts';
import { createApiKey } from '../domain/api-key.ts';
import { newId } from '../domain/ids.ts';
import { getProject, insertProject, listProjects, type Project, renameProject } from '../domain/project.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import type { NewApiKeyView } from './api-keys.ts';
import { callerOf } from './authentication.ts';
import { listQuery, onlyParameters } from './query.ts';

const ProjectBody = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 200 }) },
  { additionalProperties: false },
);

/** The answer of `POST /projects`: the only one that has the key's token. */
export interface NewProjectView extends Project {
  operator_key: NewApiKeyView;
}

/**
 * `/projects`. An operator sees the own project only, and gets 404 for any other. The root project's operators may also
 * make projects and see all of them, but nothing in them: a new project's first operator key is in the answer, once.
 */
export function projectRoutes(
  app: FastifyInstance,
  { store, random, clock }: { store: Store; random: Random; clock: Clock },
): void {
  app.post<{ Body: Static<typeof ProjectBody> }>(
    '/projects',
    { schema: { body: ProjectBody } },
    async (request, reply) => {
      if (!(await ownProject(request)).root)
        throw new Problem('role_forbidden', 'Only operators of the root project may make projects.');
      const project: Project = {
        id: newId(random, 'prj'),
        name: request.body.name,
        root: false,
        created_at: new Date(clock.now()).toISOString(),
      };
      await insertProject(store, project);
      const { key, token } = await createApiKey(store, random, clock.now(), project.id, {
        name: 'First operator key',
        role: 'operator',
      });
      const made: NewProjectView = { ...project, operator_key: { ...key, token: token.reveal() } };
      return reply.code(201).header('cache-control', 'no-store').send(made);
    },
  );

  app.get<{ Querystring: Record<string, string | string[] | undefined> }>('/projects', async (request) => {
    onlyParameters(request.query, ['limit', 'next']);
    const own = await ownProject(request);
    return own.root ? listProjects(store, listQuery(request.query)) : { data: [own], next: null };
  });

  app.get<{ Params: { id: string } }>('/projects/:id', async (request) => getProject(store, await visibleId(request)));

  app.patch<{ Params: { id: string }; Body: Static<typeof ProjectBody> }>(
    '/projects/:id',
    { schema: { body: ProjectBody } },
    async (request) => renameProject(store, await visibleId(request), request.body.name),
  );

  function ownProject(request: FastifyRequest): Promise<Project> {
    return getProject(store, callerOf(request).project);
  }

  async function visibleId(request: FastifyRequest<{ Params: { id: string } }>): Promise<string> {
    const { id } = request.params;
    if (id !== callerOf(request).project && !(await ownProject(request as FastifyRequest)).root)
      throw new Problem('not_found', 'There is no such project.');
    return id;
  }
}
