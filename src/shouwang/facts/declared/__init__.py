"""One place a fact: a module an area of life, each with the facts it declares in `FACTS`."""
