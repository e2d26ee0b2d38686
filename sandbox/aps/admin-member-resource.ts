import { ROLE_NAMES, roleId } from './account-catalogue.ts';
import { type AccountProject, isProjectAdmin, type Member } from './account-model.ts';
import type { Seed } from './seed.ts';

/** The roles that members of this project can have: BIM 360 projects have their own, ACC projects share the account's. */
export function projectRoles(project: AccountProject, seed: Seed): { id: string; name: string }[] {
  const scope = project.platform === 'bim360' ? project.id : project.account.id;
  return ROLE_NAMES.map((name) => ({ id: roleId(seed, scope, name), name }));
}

/** A project user as `/construction/admin/v1` answers it. */
export function adminMember(project: AccountProject, member: Member, seed: Seed): Record<string, unknown> {
  const { user } = member;
  const companies = project.account.companies;
  return {
    email: user.email,
    id: user.id,
    name: user.name,
    firstName: user.first_name,
    lastName: user.last_name,
    autodeskId: user.uid,
    analyticsId: null,
    addressLine1: user.address_line_1,
    addressLine2: user.address_line_2,
    city: user.city,
    stateOrProvince: user.state_or_province,
    postalCode: user.postal_code,
    country: user.country,
    imageUrl: user.image_url,
    phone: { number: user.phone, phoneType: null, extension: null },
    jobTitle: user.job_title,
    industry: user.industry,
    aboutMe: user.about_me,
    accessLevels: {
      accountAdmin: user.role === 'account_admin',
      projectAdmin: isProjectAdmin(member),
      executive: false,
    },
    addedOn: member.addedOn,
    updatedAt: member.updatedAt,
    companyId: member.companyId,
    companyName: member.companyId === null ? null : (companies.get(member.companyId)?.name ?? null),
    roleIds: member.roleIds,
    roles: projectRoles(project, seed).filter((role) => member.roleIds.includes(role.id)),
    status: member.status,
    products: member.products,
  };
}
