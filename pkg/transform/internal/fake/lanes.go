package fake

// The lanes of a seed. Two kinds that use the same lane make the same choice.
const (
	laneGiven = iota
	laneFamily
	laneSuffix
	laneHost
	lanePhone
	laneCity
	lanePostcode
	laneHouse
	laneRoad
	laneRoadName
	laneFirm
	lanePartner
	laneFirmKind
	laneGender
	laneMiddle
	laneBirth
	laneLatitude
	laneLongitude
	lanePlate
	laneAddress4
	laneAddress6
	laneMAC
	laneAgent
	laneUUID
	laneUUIDLow
	laneJob
	laneDepartment
	laneWords
	laneColor
	laneProduct
	laneMaterial
	laneAdjective
	laneNumber
	laneDate
	laneTime
	laneChoice
	laneAddress6Low
)
