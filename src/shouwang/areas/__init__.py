"""Administrative divisions as the desk knows them: the tree from city to village, with validity and successors."""
