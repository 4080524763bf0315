export { parquetMetadata, parquetRead } from 'hyparquet'
export { decompress } from 'fzstd'
