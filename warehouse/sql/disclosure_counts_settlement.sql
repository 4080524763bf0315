count(*) FILTER ({cases} > 0)::BIGINT AS families_{name}, sum({cases})::BIGINT AS cases_{name}, max({cases})::BIGINT AS largest_{name}
