import classes from './accounts.module.css';

/** Whose account it is, in the operator's own words; right-to-left names do not turn what stands beside them. */
export function OwnerName({ account }: { account: { owner_id: string; owner_name: string | null } }) {
  return <bdi className={classes.owner}>{account.owner_name ?? account.owner_id}</bdi>;
}
