/** `account`, `2 accounts`, `1,234 accounts`: how many, after "its". */
export function accountsText(count: number): string {
  return count === 1 ? 'account' : `${count.toLocaleString('en')} accounts`;
}
