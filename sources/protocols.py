"""Which storages kinscale speaks with in its own way: fsspec has none, or one that is unsafe or says too little."""

from __future__ import annotations

STORES = {
    "http": "sources.http_store.HttpStore",
    "https": "sources.http_store.HttpStore",
    "kobo": "sources.kobo.Kobo",
    "kobo+http": "sources.kobo.PlainKobo",
    "odk": "sources.odk_central.OdkCentral",
    "odk+http": "sources.odk_central.PlainOdkCentral",
    "s3": "sources.s3_store.S3Store",
    "sftp": "sources.sftp_store.SftpStore",
    "webdav": "sources.webdav_store.WebdavStore",
    "webdav+http": "sources.webdav_store.WebdavStore",
}
"""Protocol: class, imported when an address of the protocol is met. fsspec's own registry is left as it is."""
