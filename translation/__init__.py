"""The English of the desk: what is to be said in English, and the catalogue that says it.

The desk is written in Chinese. `make translation` gathers what its pages say, from the code, the templates, the policy
pack and the contracts, and brings `src/shouwang/locale/en/LC_MESSAGES/django.po` up to date: new texts come in empty,
gone ones leave, and the compiled catalogue beside it is written anew.
"""
