/** The time of the database as an SQL expression, ms, UTC: the clocks of two machines are never compared. */
export const databaseNow = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint'
