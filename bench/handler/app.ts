import { createHash, timingSafeEqual } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';

/** What a list of projects is made of, as far as the handler looks at it. */
export interface ProjectsDocument {
  links?: { next?: { href?: string } | undefined } | undefined;
  data: readonly {
    id: string;
    attributes: { name: string; extension: { type: string; data?: { projectType?: string } } };
    links?: { webView?: { href?: string } | undefined } | undefined;
    relationships: { hub: { data: { id: string } }; rootFolder?: { data: { id: string } } };
  }[];
}

interface Body {
  hub_id: string;
  page_size: number;
  page_number?: number;
}

export type FetchProjects = (wanted: {
  hubId: string;
  pageNumber: number;
  pageSize: number;
}) => Promise<ProjectsDocument>;

/**
 * `POST /projects` as somebody would write it by hand for one customer: key, body schema, provider, mapping, answer. It logs
 * nothing, limits nothing, repeats nothing and gates nothing. The two handlers of the bench differ in how they call.
 */
export function createHandler(key: string, fetchProjects: FetchProjects): FastifyInstance {
  const app = Fastify();
  const expected = digest(`Bearer ${key}`);

  app.addHook('onRequest', async (request, reply) => {
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected))
      return reply.code(401).send({ error: 'unauthorized' });
    return undefined;
  });

  app.post<{ Body: Body }>('/projects', { schema: { body: bodySchema } }, async (request) => {
    const { hub_id, page_size, page_number = 0 } = request.body;
    const document = await fetchProjects({ hubId: hub_id, pageNumber: page_number, pageSize: page_size });
    return {
      data: document.data.map(({ id, attributes, links, relationships }) => ({
        id,
        name: attributes.name,
        type: attributes.extension.type,
        platform: attributes.extension.data?.projectType,
        web_url: links?.webView?.href,
        hub_id: relationships.hub.data.id,
        root_folder_id: relationships.rootFolder?.data.id,
      })),
      next: document.links?.next ? page_number + 1 : null,
    };
  });
  return app;
}

const bodySchema = {
  type: 'object',
  required: ['hub_id', 'page_size'],
  additionalProperties: false,
  properties: {
    hub_id: { type: 'string' },
    page_size: { type: 'integer', minimum: 1, maximum: 200 },
    page_number: { type: 'integer', minimum: 0 },
  },
};

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
