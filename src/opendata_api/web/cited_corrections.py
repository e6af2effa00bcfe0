"""What to cite instead of an address that can't be cited."""

from opendata_api.errors import Fault, InvalidValue, Pairs, QueryError
from opendata_api.query import join_query
from opendata_api.web.cited import ROOT, find_cited
from opendata_api.web.corrections import prove, prove_faults
from opendata_api.web.site import Site
from opendata_api.words import Text


async def refuse_cited(site: Site, error: QueryError, pairs: Pairs) -> InvalidValue:
    """The refusal of the address that the pairs cite, with what can be cited."""
    faults = map(_inside, await prove_faults(site, error.faults))
    return InvalidValue(*faults, correction=await mend_cited(site, pairs))


async def mend_cited(site: Site, pairs: Pairs, spilt: Pairs = ()) -> Pairs:
    """The pairs with an address that can be cited.

    What stands beside it may have spilt out of its query, whose & was not escaped.
    """
    address = next((value for name, value in pairs if name == "url"), None)
    if address is not None and "?" in address and spilt:
        address = f"{address}&{join_query(spilt)}"
    kept = tuple(pair for pair in pairs if pair[0] != "url")
    return (("url", await _mend_address(site, address)), *kept)


async def _mend_address(site: Site, address: str | None) -> str:
    """The address, or what its own parser offers instead, or an example."""
    example = f"{ROOT}{site.datasets[0].name}"
    if address is None:
        return example
    error = await _error_of(site, address)
    if error is None:
        return address
    if error.correction is None:
        return example
    mended = _joined(address.partition("?")[0], await prove(site, error.correction))
    return example if await _error_of(site, mended) else mended


async def _error_of(site: Site, address: str) -> QueryError | None:
    try:
        await find_cited(site, address)
    except QueryError as error:
        return error
    return None


def _inside(fault: Fault) -> Fault:
    """A fault of the cited address as one of the parameter that holds it."""
    if fault.parameter == "url":
        return fault
    where = f"{fault.parameter}: " if fault.parameter else ""
    message = _INSIDE.format(where=where, fault=fault.message)
    return Fault(message, "url", fault.allowed, fault.did_you_mean)


def _joined(path: str, pairs: Pairs) -> str:
    query = join_query(pairs)
    return f"{path}?{query}" if query else path


_INSIDE = Text("所引地址中，{where}{fault.zh}", "in the cited address, {where}{fault.en}")
