// Provenance as W3C PROV-JSON (https://www.w3.org/submissions/prov-json/).
//
// Runs and events are activities, actors are agents, everything else is an entity. What an edge becomes:
//
//   to a run                   wasGeneratedBy          from a run               used
//   evidence to its words      wasDerivedFrom, as a prov:Quotation
//   document to its version    hadMember               version to its bundle    specializationOf
//   file to its upload         wasInfluencedBy
//   anything else              wasDerivedFrom
//
// Names are `flowstone:<stream>`; of an actor `flowstone:actor/key/<id>`. What cannot stand in a qualified name is
// percent-encoded.
#pragma once

#include <string>

#include "projections/provenance.hpp"

namespace flowstone::projections {

std::string prov_json(const Provenance& provenance);

}  // namespace flowstone::projections
